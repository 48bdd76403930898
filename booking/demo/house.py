"""The demo house's building: all names but the house's own are invented."""

from collections.abc import Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from booking.actions.spaces import SiteRequest
from booking.core.values import FairUse, Hours, Limits, Peak, Policy, SpaceKind, Stance

SITE = SiteRequest(
    name="Pôle Sud",
    zone="Europe/Paris",
    address="26100 Romans-sur-Isère",
    country="FR",
    region="ARA",
    opens=time(8),
    closes=time(20),
)

# The four rooms of the board, in its order; their hues are far apart.
ROOMS = ("boussole", "lanterne", "marmite", "tilleul")

_WORKDAYS = (*(Hours(time(8), time(20)),) * 5, None, None)
_MORNINGS = (*(Hours(time(7), time(13)),) * 5, None, None)
# What the spaces ask of those who book them, from today on.
RULES: Mapping[str, Policy] = {
    "boussole": Policy(over_capacity=Stance.ASK, ask_longer=timedelta(hours=6)),
    "lanterne": Policy(hours=_WORKDAYS, outside_hours=Stance.ASK, shortest=timedelta(minutes=30)),
    "tilleul": Policy(holidays=Stance.ASK, ahead=timedelta(days=365)),
    "magasin": Policy(hours=_MORNINGS, outside_hours=Stance.REFUSE, longest=timedelta(hours=2)),
    "verger": Policy(notice=timedelta(days=1)),
}

# What an hour of these counts, in percent: the large room for more, small ones for less.
WEIGHTS: Mapping[str, int] = {
    "tilleul": 200,
    "esplanade": 200,
    **{f"accueil-{number}": 50 for number in (1, 2, 3)},
    "magasin": 0,
    "visio": 0,
}
FAIR_USE = FairUse(
    is_on=True,
    organisations=Limits(included=timedelta(hours=40), beyond=Stance.ALLOW),
    people=Limits(coming=3, over=Stance.ASK),
    peak=Peak(frozenset(range(5)), time(17), time(20)),
)
# Organisations that agreed something else with the house.
LIMITS: Mapping[str, Limits] = {
    "Coopérative Aubépine": Limits(
        included=timedelta(hours=30),
        beyond=Stance.ASK,
        week_peak=timedelta(hours=6),
        coming=60,
        over=Stance.ASK,
    ),
    "Association Trois Ponts": Limits(),
    "Ciné-Club Lampadaire": Limits(included=timedelta(hours=8), beyond=Stance.ALLOW),
}

# Key -> fields of a SpaceRequest, in display order.
SPACES: Mapping[str, Mapping[str, Any]] = {  # Any: the fields are of several types
    "boussole": {
        "kind": SpaceKind.MEETING_ROOM,
        "name": "Boussole",
        "capacity": 18,
        "features": ("screen", "video", "whiteboard", "accessible"),
        "colour": 0,
        "area_m2": 42,
    },
    "lanterne": {
        "kind": SpaceKind.MEETING_ROOM,
        "name": "Lanterne",
        "capacity": 10,
        "features": ("screen", "whiteboard"),
        "colour": 1,
        "area_m2": 26,
    },
    "marmite": {
        "kind": SpaceKind.MEETING_ROOM,
        "name": "Marmite",
        "capacity": 14,
        "features": ("kitchen", "accessible"),
        "colour": 5,
        "area_m2": 38,
        "needs_approval": True,
        "requests_hold": False,
        "description": "Cuisine partagée : les demandes sont départagées par l’accueil.",
    },
    "tilleul": {
        "kind": SpaceKind.MEETING_ROOM,
        "name": "Tilleul",
        "capacity": 60,
        "features": ("projector", "video", "whiteboard", "accessible"),
        "colour": 7,
        "area_m2": 96,
        "needs_approval": True,
        "requests_hold": True,
        "cleanup_min": 15,
        "description": "Grande salle : rangement compté après chaque séance.",
    },
    **{
        f"accueil-{number}": {
            "kind": SpaceKind.RECEPTION,
            "name": f"Bureau d’accueil {number}",
            "capacity": 3,
            "features": ("phone", "accessible") if number == 1 else ("phone",),
            "colour": hue,
            "area_m2": 12,
        }
        for number, hue in ((1, 2), (2, 4), (3, 9))
    },
    **{
        f"atelier-{number}": {
            "kind": SpaceKind.WORKSHOP,
            "name": f"Atelier multimédia {number}",
            "capacity": capacity,
            "features": ("computers", "projector") if number == 1 else ("computers",),
            "colour": hue,
            "area_m2": area,
        }
        for number, capacity, hue, area in ((1, 12, 6, 44), (2, 8, 8, 30), (3, 6, 11, 24))
    },
    "appels": {
        "kind": SpaceKind.WORKSHOP,
        "name": "Centre d’appels",
        "capacity": 6,
        "features": ("computers", "phone"),
        "colour": 14,
        "area_m2": 28,
    },
    "magasin": {
        "kind": SpaceKind.STORAGE,
        "name": "Magasin alimentaire",
        "features": ("fridge",),
        "colour": 12,
        "lanes": 2,
        "area_m2": 55,
        "description": "Deux livraisons en même temps.",
    },
    "esplanade": {
        "kind": SpaceKind.OUTDOOR,
        "name": "Esplanade",
        "capacity": 300,
        "features": ("power", "accessible"),
        "colour": 10,
        "area_m2": 1400,
    },
    "verger": {
        "kind": SpaceKind.OUTDOOR,
        "name": "Verger",
        "capacity": 80,
        "colour": 3,
        "area_m2": 1800,
    },
    "visio": {
        "kind": SpaceKind.EQUIPMENT,
        "name": "Visioconférence mobile",
        "features": ("screen", "video"),
        "colour": 15,
        "description": "Se réserve avec une salle.",
    },
}

# The shared office: name -> hue; booked by half-days.
DESKS: Mapping[str, int] = {
    "Poste Hublot": 0,
    "Poste Mezzanine": 6,
    "Poste Palier": 4,
    "Poste Radiateur": 9,
    "Poste Fougère": 12,
    "Poste Horloge": 2,
}
DESK_POLICY = Policy(
    hours=(*(Hours(time(8, 30), time(18)),) * 5, None, None),
    outside_hours=Stance.REFUSE,
    half_days=time(13),
)
DESK_TITLE = "Poste de travail"

_GROUND = (64, 48, 38.5, 52, 72, 41.5, 36, 55, 60, 84, 46, 33)
_UPSTAIRS = (58, 44, 62.5, 49.5, 78, 40, 35, 66, 53, 90, 47, 47)

RENT_M2 = Decimal(10)  # euros a month

# Name -> area in m², 1,300 m² together; let, not booked.
OFFICES: Mapping[str, float] = {
    f"Bureau {floor}{number:02}": area
    for floor, areas in ((0, _GROUND), (1, _UPSTAIRS))
    for number, area in enumerate(areas, start=1)
}
