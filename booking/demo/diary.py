"""What goes on in the demo house: what repeats, what comes once, why it is refused."""

from dataclasses import dataclass
from typing import Literal

from booking.core.days_off import PUBLIC as PUBLIC_HOLIDAYS
from booking.core.days_off import school
from booking.core.permanences import Details
from booking.core.values import Category, Visibility

PUBLIC, MEMBERS, PRIVATE = Visibility.PUBLIC, Visibility.MEMBERS, Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class Repeating:
    """A series through the whole year; ``weekday`` 0 is Monday, ``hour`` 9.5 half past nine.

    ``rule`` goes without its end; ``first_week`` begins it some weeks later.
    With ``visitors`` it is a permanence, and they read that.
    """

    title: str
    organisation: str
    spaces: tuple[str, ...]
    weekday: int
    hour: float
    hours: float
    rule: str = "FREQ=WEEKLY"
    category: Category = Category.MEETING
    visibility: Visibility = MEMBERS
    attendance: int | None = None
    first_week: int = 0
    leaves_out: frozenset[str] = frozenset()
    visitors: Details | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """A kind of booking that comes now and then: where it fits, and for how long."""

    title: str
    rooms: tuple[str, ...]
    hours: tuple[float, ...]
    category: Category = Category.MEETING
    visibility: Visibility = MEMBERS
    people: tuple[int, int] = (3, 8)
    organisation: str = ""  # any of the house where empty
    when: Literal["day", "evening", "weekend"] = "day"


EVERY_TWO, EVERY_SIX = "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=6"
MEETING, WORKSHOP, TRAINING = Category.MEETING, Category.WORKSHOP, Category.TRAINING
PERMANENCE, EVENT, OTHER = Category.PERMANENCE, Category.EVENT, Category.OTHER

# In the reception offices, for whoever comes.
PERMANENCES: tuple[Repeating, ...] = (
    Repeating("Permanence emploi", "Point Emploi Passerelle", ("accueil-1",), 1, 9, 3,
              "FREQ=WEEKLY;BYDAY=TU,TH", PERMANENCE, PUBLIC, 9, visitors=Details(
                  "Recherche d’emploi, CV, inscription. Apportez votre CV si vous en avez un.",
                  phone="+33 4 65 71 00 11", link="https://example.org/emploi")),
    Repeating("Permanence logement", "Conseil Logement Tournesol", ("accueil-2",), 1, 9, 3,
              "FREQ=MONTHLY;BYDAY=1TU,3TU", PERMANENCE, PUBLIC, 5,
              leaves_out=frozenset({school("A")}), visitors=Details(
                  "Demande de logement, aides, litiges avec un propriétaire.",
                  phone="+33 4 65 71 00 12", by_appointment=True,
                  appointment_link="https://example.org/logement/rendez-vous")),
    Repeating("Accès aux droits", "Point Droits Réglisse", ("accueil-1",), 2, 9, 3, "FREQ=WEEKLY",
              PERMANENCE, PUBLIC, 8, leaves_out=frozenset({PUBLIC_HOLIDAYS}), visitors=Details(
                  "Aide pour vos démarches et courriers. Gratuit et confidentiel.",
                  email="droits@example.org")),
    Repeating("Permanence microcrédit", "Microcrédit Fourmi", ("accueil-2",), 3, 14, 2.5,
              EVERY_TWO, PERMANENCE, PUBLIC, 3, visitors=Details(
                  "Financer un permis, un véhicule, une formation.", by_appointment=True,
                  phone="+33 4 65 71 00 14")),
    Repeating("Écoute des parents", "Écoute Grenadine", ("accueil-2",), 4, 9, 3, EVERY_TWO,
              PERMANENCE, PUBLIC, 4, first_week=1, visitors=Details(
                  "Un moment pour parler, avec ou sans les enfants.")),
    Repeating("Permanence santé", "Santé en Chemin Creux", ("accueil-2",), 0, 13.5, 3,
              "FREQ=WEEKLY", PERMANENCE, PUBLIC, 6, visitors=Details(
                  "Droits à la santé, complémentaire, médecin traitant.",
                  phone="+33 4 65 71 00 16")),
    Repeating("Médiation familiale", "Médiation Bergamote", ("accueil-3",), 2, 14, 3,
              "FREQ=MONTHLY;BYDAY=-1WE", PERMANENCE, PUBLIC, 3, visitors=Details(
                  by_appointment=True, email="mediation@example.org")),
    Repeating("Accueil des jeunes", "Relais Jeunes Cabriole", ("accueil-3",), 4, 14, 3,
              "FREQ=WEEKLY", PERMANENCE, PUBLIC, 7, leaves_out=frozenset({school("A")}),
              visitors=Details("De 16 à 25 ans : orientation, formation, projets.",
                               link="https://example.org/jeunes")),
    Repeating("Conseil à la création d’activité", "Coopérative Aubépine", ("accueil-3",), 0, 10, 2,
              "FREQ=WEEKLY;BYDAY=MO,WE,FR", PERMANENCE, PUBLIC, 3, visitors=Details(
                  "Tester une idée, choisir un statut, trouver un financement.",
                  by_appointment=True,
                  appointment_link="https://example.org/aubepine/rendez-vous")),
)  # fmt: skip

SERIES: tuple[Repeating, ...] = (
    # The four rooms.
    Repeating("Réunion d’équipe", "Coopérative Aubépine", ("boussole",), 0, 9, 1.5, attendance=9),
    Repeating("Comité de pilotage mobilité", "Roue Libre et Compagnie", ("boussole",), 1, 14, 2,
              EVERY_TWO, attendance=11),
    Repeating("Conversation en français", "Café des Langues Mirabelle", ("boussole",), 3, 9.5, 1.5,
              "FREQ=WEEKLY;BYDAY=TU,TH", WORKSHOP, PUBLIC, 12),
    Repeating("Point hebdo", "Ressourcerie du Hibou", ("lanterne",), 0, 14, 1, attendance=5),
    Repeating("Comité de rédaction", "Radio Libellule", ("lanterne",), 2, 9.5, 1.5, attendance=6),
    Repeating("Suivi de projets", "L’Établi du Coin", ("lanterne",), 4, 11, 1, attendance=4),
    Repeating("Bureau de l’association", "Association Trois Ponts", ("lanterne",), 3, 17, 1.5,
              EVERY_TWO, attendance=7),
    Repeating("Atelier cuisine", "Semailles Solidaires", ("marmite",), 2, 9, 3, "FREQ=WEEKLY",
              WORKSHOP, PUBLIC, 12),
    Repeating("Déjeuner partagé", "Association Trois Ponts", ("marmite",), 4, 12, 1.75, EVERY_TWO,
              OTHER, MEMBERS, 14),
    Repeating("Gymnastique douce", "Santé en Chemin Creux", ("tilleul",), 0, 17.5, 1.5,
              "FREQ=WEEKLY", WORKSHOP, PUBLIC, 25),
    Repeating("Répétition de chorale", "Chorale Pamplemousse", ("tilleul",), 2, 18, 2,
              "FREQ=WEEKLY", OTHER, MEMBERS, 32),
    Repeating("Réunion de tous les acteurs", "Association Trois Ponts", ("tilleul",), 3, 14, 3,
              EVERY_SIX, MEETING, MEMBERS, 45, first_week=2),
    Repeating("Speed meeting des entreprises", "Cercle d’Entreprises Cordée", ("tilleul",), 1, 8.5,
              2.5, "FREQ=MONTHLY;BYDAY=2TU", EVENT, PUBLIC, 40),
    Repeating("Film et débat", "Ciné-Club Lampadaire", ("tilleul", "visio"), 4, 18.5, 3,
              "FREQ=MONTHLY;BYDAY=3FR", EVENT, PUBLIC, 50),
    Repeating("Les Ateliers Pôle Sud", "Association Trois Ponts", ("boussole",), 3, 18, 2,
              "FREQ=MONTHLY;BYDAY=1TH", EVENT, PUBLIC, 16),
    Repeating("Repair café", "Repair Café Tournevis", ("tilleul",), 5, 9.5, 3,
              "FREQ=MONTHLY;BYDAY=1SA", EVENT, PUBLIC, 35),
    *PERMANENCES,
    # The internet space.
    Repeating("Accès libre accompagné", "L’Établi du Coin", ("atelier-1",), 0, 14, 3,
              "FREQ=WEEKLY;BYDAY=MO,WE,FR", WORKSHOP, PUBLIC, 12),
    Repeating("Premiers pas à l’ordinateur", "L’Établi du Coin", ("atelier-2",), 1, 9.5, 2,
              "FREQ=WEEKLY", TRAINING, PUBLIC, 8),
    Repeating("Démarches en ligne", "Point Emploi Passerelle", ("atelier-2",), 3, 13.5, 2,
              "FREQ=WEEKLY", PERMANENCE, PUBLIC, 6),
    Repeating("Montage sonore", "Radio Libellule", ("atelier-3",), 4, 9.5, 2.5, EVERY_TWO, TRAINING,
              MEMBERS, 5),
    Repeating("Appels de solidarité", "Écoute Grenadine", ("appels",), 2, 9, 3,
              "FREQ=WEEKLY;BYDAY=MO,WE", OTHER, MEMBERS, 5),
    # Outdoors and the food store, whose deliveries come two at a time.
    Repeating("Livraison des paniers", "AMAP du Grand Panier", ("magasin",), 1, 16, 3,
              "FREQ=WEEKLY", OTHER, PUBLIC),
    Repeating("Collecte anti-gaspi", "Semailles Solidaires", ("magasin",), 1, 17, 1.5,
              "FREQ=WEEKLY", OTHER, MEMBERS),
    Repeating("Livraison d’épicerie", "Coopérative Aubépine", ("magasin",), 4, 8.5, 2, EVERY_TWO,
              OTHER, MEMBERS),
    Repeating("Chantier jardin", "Jardiniers du Merle", ("verger",), 5, 9, 3, EVERY_TWO, WORKSHOP,
              PUBLIC, 15),
    Repeating("Vélo-école", "Collectif Vélo Pignon", ("esplanade",), 5, 14, 2.5, EVERY_TWO,
              TRAINING, PUBLIC, 10, first_week=1),
)  # fmt: skip

SMALL, LARGE, ALL = ("lanterne", "boussole"), ("boussole", "tilleul"), (
    "boussole", "lanterne", "marmite", "tilleul",
)  # fmt: skip

ONE_OFFS: tuple[Once, ...] = (
    Once("Réunion d’équipe", SMALL, (1, 1.5)),
    Once("Point de coordination", SMALL, (1, 1.5)),
    Once("Rendez-vous partenaires", SMALL, (1, 1.5, 2)),
    Once("Préparation de l’assemblée générale", SMALL, (1.5, 2)),
    Once("Entretiens de recrutement", ("lanterne",), (2, 3), visibility=PRIVATE, people=(2, 4)),
    Once("Entretien annuel", ("lanterne",), (1,), visibility=PRIVATE, people=(2, 2)),
    Once("Suivi individuel", ("lanterne", "marmite"), (1, 1.5), visibility=PRIVATE, people=(2, 2)),
    Once("Commission finances", SMALL, (1.5, 2), visibility=PRIVATE, people=(4, 7)),
    Once("Visioconférence avec Valence", SMALL, (1, 1.5), people=(3, 9)),
    Once("Comité technique", ("boussole",), (2, 2.5), people=(8, 15)),
    Once("Groupe de travail mobilité", ("boussole", "lanterne"), (2,), people=(5, 10)),
    Once("Groupe de travail habitat", ("boussole", "lanterne"), (2,), people=(5, 10)),
    Once("Conseil d’administration", LARGE, (2, 2.5), people=(9, 16), when="evening"),
    Once("Formation premiers secours", LARGE, (3, 3.5), TRAINING, people=(10, 16)),
    Once("Formation des bénévoles", LARGE, (2.5, 3), TRAINING, people=(8, 18)),
    Once("Formation à la comptabilité", ("boussole",), (3,), TRAINING, people=(6, 12)),
    Once("Atelier CV et lettres", ("boussole", "lanterne"), (2, 2.5), WORKSHOP, PUBLIC, (5, 10)),
    Once("Atelier budget", ("boussole", "lanterne"), (1.5, 2), WORKSHOP, PUBLIC, (5, 10)),
    Once("Atelier d’écriture", ("lanterne",), (2,), WORKSHOP, PUBLIC, (5, 9)),
    Once("Atelier conserves", ("marmite",), (2.5, 3), WORKSHOP, PUBLIC, (6, 12)),
    Once("Cuisine du monde", ("marmite",), (2.5, 3), WORKSHOP, PUBLIC, (8, 14)),
    Once("Petit-déjeuner d’accueil", ("marmite",), (1, 1.5), OTHER, people=(6, 14)),
    Once("Goûter des familles", ("marmite",), (2,), EVENT, PUBLIC, (8, 14)),
    Once("Dégustation de l’AMAP", ("marmite",), (1.5,), EVENT, PUBLIC, (8, 14),
         "AMAP du Grand Panier"),
    Once("Collecte de sang", ("tilleul",), (4,), EVENT, PUBLIC, (30, 60)),
    Once("Forum des métiers", ("tilleul",), (3, 3.5), EVENT, PUBLIC, (35, 60)),
    Once("Conférence : l’eau en commun", ("tilleul",), (2,), EVENT, PUBLIC, (25, 60),
         when="evening"),
    Once("Rencontre des habitants", ("tilleul",), (2,), EVENT, PUBLIC, (20, 50), when="evening"),
    Once("Soirée jeux", ("tilleul", "marmite"), (2.5,), EVENT, PUBLIC, (12, 40), when="evening"),
    Once("Répétition générale", ("tilleul",), (2, 2.5), OTHER, people=(12, 30)),
    Once("Assemblée générale", ("tilleul",), (2, 2.5), people=(25, 55), when="evening"),
    Once("Stage de théâtre", ("tilleul",), (3,), WORKSHOP, MEMBERS, (10, 18), when="weekend"),
    Once("Bourse aux vélos", ("tilleul",), (3, 4), EVENT, PUBLIC, (30, 60), "Collectif Vélo Pignon",
         when="weekend"),
    Once("Couture du week-end", ("boussole", "lanterne"), (2.5, 3), WORKSHOP, PUBLIC, (5, 10),
         when="weekend"),
    Once("Club photo", ("boussole", "lanterne"), (2, 2.5), WORKSHOP, PUBLIC, (4, 9),
         when="weekend"),
    Once("Tournoi d’échecs", ("boussole", "lanterne"), (2.5,), OTHER, PUBLIC, (6, 10),
         when="weekend"),
    Once("Généalogie", ("lanterne",), (2,), WORKSHOP, PUBLIC, (4, 8), when="weekend"),
    Once("Atelier théâtre", ("tilleul", "boussole"), (2, 2.5), WORKSHOP, PUBLIC, (8, 16),
         when="weekend"),
    Once("Bal folk", ("tilleul",), (2.5,), EVENT, PUBLIC, (20, 60), when="weekend"),
    Once("Réunion de collectif", ("boussole", "lanterne"), (1.5, 2), MEETING, MEMBERS, (4, 9),
         when="weekend"),
    Once("Retouche photo", ("atelier-1", "atelier-2"), (2, 2.5), WORKSHOP, PUBLIC, (4, 8)),
    Once("Tests en ligne", ("atelier-2", "atelier-3"), (1.5, 2), TRAINING, people=(3, 6)),
    Once("Enquête téléphonique", ("appels",), (2, 3), OTHER, people=(3, 6)),
    Once("Rendez-vous individuels", ("accueil-2", "accueil-3"), (2, 3), PERMANENCE, PRIVATE,
         (2, 2)),
    Once("Marché de producteurs", ("esplanade",), (4, 5), EVENT, PUBLIC, (80, 250),
         "AMAP du Grand Panier", when="weekend"),
    Once("Pique-nique de quartier", ("verger",), (3, 4), EVENT, PUBLIC, (20, 70), when="weekend"),
    Once("Brunch solidaire", ("marmite",), (2.5, 3), EVENT, PUBLIC, (10, 14), when="weekend"),
    Once("Cours de cuisine", ("marmite",), (2, 2.5), WORKSHOP, MEMBERS, (6, 12), when="weekend"),
)  # fmt: skip

# Short, and at home in any of its rooms: what today's gaps are filled with.
FILLERS: tuple[Once, ...] = (
    Once("Point d’équipe", SMALL, (1, 0.75), people=(3, 6)),
    Once("Rendez-vous", SMALL, (1,), visibility=PRIVATE, people=(2, 3)),
    Once("Permanence d’adhésion", ALL, (1, 1.5), OTHER, PUBLIC, (2, 6)),
    Once("Réunion de préparation", ALL, (1, 1.5), people=(4, 10)),
    Once("Atelier libre", ALL, (1.5, 2), WORKSHOP, PUBLIC, (5, 12)),
    Once("Café associatif", ("marmite",), (1, 1.5), OTHER, PUBLIC, (5, 12)),
    Once("Préparation de repas", ("marmite",), (1.5, 2), OTHER, people=(3, 8)),
    Once("Atelier tisanes", ("marmite",), (1.5,), WORKSHOP, PUBLIC, (5, 10)),
    Once("Séance de yoga", ("tilleul",), (1, 1.5), WORKSHOP, PUBLIC, (8, 20)),
    Once("Danse assise", ("tilleul",), (1, 1.5), WORKSHOP, PUBLIC, (8, 20)),
    Once("Montage d’exposition", ("tilleul",), (1.5, 2), OTHER, people=(3, 8)),
    Once("Atelier couture", ("tilleul", "boussole"), (1.5, 2), WORKSHOP, PUBLIC, (5, 12)),
    Once("Lecture à voix haute", ("lanterne", "boussole"), (1,), WORKSHOP, PUBLIC, (4, 9)),
    Once("Groupe de parole", SMALL, (1.5,), WORKSHOP, PRIVATE, (5, 9)),
)

REFUSALS = (
    "La salle est retenue pour la réunion de tous les acteurs.",
    "Le groupe est trop nombreux pour la cuisine.",
    "Une autre demande est arrivée avant la vôtre.",
    "La salle n’est pas chauffée ce jour-là.",
    "Merci de prendre la salle Boussole, plus adaptée.",
)
CANCELLATIONS = (
    "Reporté à une date ultérieure.",
    "Trop peu d’inscrits.",
    "L’intervenante est souffrante.",
    "La réunion se tient finalement en ligne.",
    "Double emploi avec une autre date.",
)
NOTES = (
    "Merci de préparer dix chaises de plus.",
    "Besoin de la clé du placard.",
    "Accueil café à partir de la demi-heure avant.",
    "Une personne vient en fauteuil roulant.",
    "Prévoir la rallonge et le micro.",
)
