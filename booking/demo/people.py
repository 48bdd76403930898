"""Who is in the demo house: organisations and people, all of them invented."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from booking.core.values import OrganisationKind, Role

# Known to everybody who reads this file: the service refuses a public address with it.
PASSWORD = "demo-pole-sud"  # noqa: S105

ORGANISATIONS: Mapping[str, OrganisationKind] = {
    "Coopérative Aubépine": OrganisationKind.RESIDENT,
    "Association Trois Ponts": OrganisationKind.RESIDENT,
    "Ressourcerie du Hibou": OrganisationKind.RESIDENT,
    "Roue Libre et Compagnie": OrganisationKind.RESIDENT,
    "L’Établi du Coin": OrganisationKind.RESIDENT,
    "Toit et Demi": OrganisationKind.RESIDENT,
    "Radio Libellule": OrganisationKind.RESIDENT,
    "Semailles Solidaires": OrganisationKind.RESIDENT,
    "Atelier Chantournelle": OrganisationKind.RESIDENT,
    "Point Emploi Passerelle": OrganisationKind.PERMANENCE,
    "Écoute Grenadine": OrganisationKind.PERMANENCE,
    "Conseil Logement Tournesol": OrganisationKind.PERMANENCE,
    "Point Droits Réglisse": OrganisationKind.PERMANENCE,
    "Microcrédit Fourmi": OrganisationKind.PERMANENCE,
    "Santé en Chemin Creux": OrganisationKind.PERMANENCE,
    "Médiation Bergamote": OrganisationKind.PERMANENCE,
    "Relais Jeunes Cabriole": OrganisationKind.PERMANENCE,
    "AMAP du Grand Panier": OrganisationKind.CONTRIBUTOR,
    "Ciné-Club Lampadaire": OrganisationKind.CONTRIBUTOR,
    "Chorale Pamplemousse": OrganisationKind.CONTRIBUTOR,
    "Café des Langues Mirabelle": OrganisationKind.CONTRIBUTOR,
    "Repair Café Tournevis": OrganisationKind.CONTRIBUTOR,
    "Cercle d’Entreprises Cordée": OrganisationKind.CONTRIBUTOR,
    "Jardiniers du Merle": OrganisationKind.CONTRIBUTOR,
    "Collectif Vélo Pignon": OrganisationKind.CONTRIBUTOR,
}
HOUSE_TEAM = "Association Trois Ponts"  # runs the house in the demo


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the demo: at home in one organisation."""

    name: str
    organisation: str
    is_manager: bool = False
    email: str = ""

    @property
    def address(self) -> str:
        """The e-mail address, made of the name where none is given."""
        plain = unicodedata.normalize("NFKD", self.name.lower()).encode("ascii", "ignore")
        return self.email or f"{plain.decode().replace(' ', '.')}@example.org"


ADMIN = Somebody("Nadia Ferrandon", HOUSE_TEAM, email="admin@example.org")
APPROVER = Somebody("Samuel Vasseline", HOUSE_TEAM, email="accueil@example.org")
KITCHEN = Somebody("Rosalie Quenouille", "Semailles Solidaires", email="cuisine@example.org")
MANAGER = Somebody(
    "Karim Belgarde", "Coopérative Aubépine", is_manager=True, email="responsable@example.org"
)
MEMBER = Somebody("Inès Morelli", "Coopérative Aubépine", email="membre@example.org")
NEIGHBOUR = Somebody("Paul Tissandier", "Ressourcerie du Hibou", email="voisin@example.org")

# Who can sign in, and what for.
SIGN_INS: Mapping[Somebody, Role] = {
    ADMIN: Role.ADMIN,
    APPROVER: Role.APPROVER,
    KITCHEN: Role.APPROVER,
    MANAGER: Role.MANAGER,
    MEMBER: Role.MEMBER,
    NEIGHBOUR: Role.MEMBER,
}

_NAMES = """
Léa Fabreguette, Yanis Royer-Dune, Camille Hautbois, Mehdi Larzac, Jeanne Pivoine, Thomas Grangier,
Awa Diallonne, Hugo Marchepied, Sofia Carrelet, Lucien Bonnavent, Élise Chardonnay, Malik Toussard,
Manon Vercorelle, Antoine Delaplume, Fatou Ndoyard, Victor Salamandre, Chloé Ruisselet,
Rachid Amandier, Zoé Tournelle, Gaspard Lenoyer, Aïcha Benlune, Benoît Fontfroide, Clara Mistralet,
Omar Zitounelle, Juliette Pierrefeu, Noé Castelombre, Salomé Garancière, Bastien Corbelin,
Linh Trangervais, Mathilde Ocremont, Ibrahim Soleillant, Perrine Valcreuse, Adrien Boulecombe,
Naïma Oranger, Simon Filature, Agathe Roseline
"""
_ORGANISATIONS = tuple(ORGANISATIONS)
_REGULAR = (*_ORGANISATIONS, *_ORGANISATIONS[:11])  # some have two people more than others

PEOPLE: tuple[Somebody, ...] = (
    *SIGN_INS,
    *(
        Somebody(name, organisation, is_manager=index < len(_ORGANISATIONS) and index % 3 == 1)
        for index, (name, organisation) in enumerate(
            zip(_NAMES.replace("\n", " ").strip().split(", "), _REGULAR, strict=True)
        )
    ),
)
