"""The items of DECIDE-AI and TRIPOD+AI that a report of a trial answers, and where; in our own words.

DECIDE-AI: Vasey and others 2022 (BMJ 377:e070904). TRIPOD+AI: Collins and others 2024 (BMJ
385:e078378). Items that a trial by itself cannot answer (ethics, funding, workflow) are not named.
"""

from capsule_flows.report import Guideline, Item

SUMMARY, MODEL, DATA, METHOD = "Summary", "The model", "The cases", "How it was judged"
RESULT, ERRORS, EXPERTS = "Result", "Errors", "What the experts said"
BEHAVIOUR = "How it behaves"
LIMITS, TABLE, RECORD = "What limits this", "Case by case", "Record"

SECTIONS = (SUMMARY, MODEL, DATA, METHOD, RESULT, ERRORS, BEHAVIOUR, EXPERTS, LIMITS, TABLE, RECORD)
"""In the order in which the two guidelines ask for them."""


def _of(guideline: Guideline, section: str, *items: tuple[str, str]) -> tuple[Item, ...]:
    return tuple(
        Item(guideline=guideline, item=item, about=about, section=section) for item, about in items
    )


ITEMS: tuple[Item, ...] = (
    *_of(
        "DECIDE-AI",
        SUMMARY,
        ("I", "a summary of the whole"),
        ("15", "whether the intended use is supported, as those who tried it signed"),
    ),
    *_of("TRIPOD+AI", SUMMARY, ("2", "a summary of the whole")),
    *_of(
        "DECIDE-AI",
        MODEL,
        ("2a", "what it is meant for, and where it is known not to work"),
        ("4a", "which version of the system was tried"),
        ("4b", "what goes into it"),
        ("4c", "what comes out of it"),
    ),
    *_of(
        "TRIPOD+AI",
        MODEL,
        ("3b", "what the model is meant for"),
        ("9b", "what each predictor means and its unit"),
        ("15", "what the model gives, and from which threshold on it is a call"),
    ),
    *_of("DECIDE-AI", DATA, ("3a", "which cases, who chose them, how many")),
    *_of(
        "TRIPOD+AI",
        DATA,
        ("5a", "where the cases come from, and what they stand for"),
        ("8a", "what the answer is and how it was established"),
        ("8c", "that the answer was locked before any prediction was seen"),
        ("11", "what was missing or left out, and how that was counted"),
    ),
    *_of(
        "DECIDE-AI",
        METHOD,
        ("IV", "what was measured"),
        ("V", "the statistics and their sources"),
    ),
    *_of(
        "TRIPOD+AI",
        METHOD,
        ("10", "what so many cases allow to be claimed"),
        ("12e", "the measures and pictures, and what was asked beforehand"),
        ("14", "how fairness was looked at: the groups"),
    ),
    *_of("DECIDE-AI", RESULT, ("VII", "the main results"), ("VIII", "the results by group")),
    *_of(
        "TRIPOD+AI",
        RESULT,
        ("20a", "how many cases came in and were judged, with and without what is looked for"),
        ("21", "how many cases and events each number rests on"),
        ("23a", "each measure with its interval, by group too"),
    ),
    *_of(
        "DECIDE-AI",
        ERRORS,
        ("6a", "what counts as an error"),
        ("13a", "the errors and failures to predict: how often, and what they would cost"),
    ),
    *_of("DECIDE-AI", EXPERTS, ("12", "whether experts and model agree, and why not")),
    *_of("DECIDE-AI", LIMITS, ("IX", "what limits the result")),
    *_of(
        "TRIPOD+AI",
        LIMITS,
        ("16", "how the cases differ from those of the training"),
        ("26", "what limits the result"),
    ),
    *_of("DECIDE-AI", TABLE, ("17", "the data, or where they are")),
    *_of("TRIPOD+AI", TABLE, ("18e", "the data, or where they are")),
    *_of("DECIDE-AI", RECORD, ("11", "that one version was tried throughout, known by its hashes")),
    *_of(
        "TRIPOD+AI",
        RECORD,
        ("12g", "by which image, code and settings the predictions were made"),
        ("18f", "the code, or which commit it is"),
    ),
)
