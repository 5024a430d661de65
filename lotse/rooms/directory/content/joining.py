"""How partners join where a network has not decided otherwise: criteria and welcome (X-01, S4-10).

Both languages stand here, as a network's own rules do: they are data of the network, not texts of
the program.
"""

from typing import Any

INTRO: dict[str, str] = {
    "de": "Erzählen Sie uns kurz, wer Sie sind, was Sie einbringen und was Sie suchen. Die "
    "Geschäftsstelle prüft Ihre Bewerbung und meldet sich bei Ihnen.",
    "en": "Tell us briefly who you are, what you bring and what you are looking for. The office "
    "looks at your application and gets back to you.",
}

CRITERIA: list[dict[str, Any]] = [
    {
        "key": "support",
        "text": {
            "de": "Wir unterstützen kleine und mittlere Betriebe oder gemeinnützige "
            "Organisationen.",
            "en": "We support small and medium-sized firms or nonprofit organisations.",
        },
    },
    {
        "key": "neutral",
        "text": {
            "de": "Wir beraten im Netzwerk, ohne etwas verkaufen zu wollen.",
            "en": "Within the network we advise without wanting to sell anything.",
        },
    },
    {
        "key": "refer",
        "text": {
            "de": "Wir verweisen an andere Partner, wenn diese besser helfen können.",
            "en": "We refer people to other partners where these can help better.",
        },
    },
    {
        "key": "contact",
        "text": {
            "de": "Wir nennen eine Ansprechperson und prüfen unseren Steckbrief jedes Jahr.",
            "en": "We name a contact person and check our profile every year.",
        },
    },
]

WELCOME: list[dict[str, Any]] = [
    {"title": {"de": "Begrüßungsgespräch führen", "en": "Hold a welcome talk"}, "days": 14},
    {
        "title": {
            "de": "Steckbrief gemeinsam vervollständigen",
            "en": "Complete the profile together",
        },
        "days": 28,
    },
    {
        "title": {
            "de": "Den Partner im Netzwerk vorstellen",
            "en": "Introduce the partner to the network",
        },
        "days": 42,
    },
    {
        "title": {
            "de": "Nachfragen: Passen Angebote und Erwartungen?",
            "en": "Ask: do offers and expectations fit?",
        },
        "days": 90,
    },
]
