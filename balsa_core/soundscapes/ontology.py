"""Which made sounds exist, what each is a kind of, and which are easily taken for each other."""

PARENTS: dict[str, str] = {
    "siren": "alarm",
    "beep": "alarm",
    "buzzer": "alarm",
    "bird chirp": "animal",
    "dog bark": "animal",
    "cricket": "animal",
    "owl hoot": "animal",
    "frog croak": "animal",
    "engine": "machine",
    "helicopter": "machine",
    "train horn": "vehicle",
    "clock tick": "household",
    "phone ring": "household",
    "doorbell": "household",
    "keyboard typing": "household",
    "rain": "weather",
    "wind": "weather",
    "thunder": "weather",
    "sea waves": "water",
    "water drops": "water",
    "drum": "music",
    "bell": "music",
    "guitar pluck": "music",
    "flute": "music",
    "applause": "human",
    "whistle": "human",
    "footsteps": "human",
    "heartbeat": "human",
    "laser": "electronic",
    "sonar ping": "electronic",
}
GRANDPARENTS: dict[str, str] = {
    "alarm": "signal",
    "electronic": "signal",
    "vehicle": "machine",
    "weather": "nature",
    "water": "nature",
    "animal": "nature",
}
# Groups a listener confuses by ear: what a hard "is it there?" question asks for.
LOOK_ALIKES: tuple[frozenset[str], ...] = (
    frozenset({"rain", "wind", "sea waves", "applause"}),
    frozenset({"clock tick", "water drops", "keyboard typing", "footsteps"}),
    frozenset({"bird chirp", "cricket", "whistle", "flute"}),
    frozenset({"beep", "sonar ping", "phone ring", "doorbell", "bell"}),
    frozenset({"dog bark", "owl hoot", "frog croak"}),
    frozenset({"engine", "helicopter", "buzzer"}),
    frozenset({"siren", "laser", "train horn"}),
    frozenset({"drum", "heartbeat", "thunder", "guitar pluck"}),
)
SOUNDS: tuple[str, ...] = tuple(PARENTS)


def ancestors(name: str) -> tuple[str, ...]:
    """What a sound is a kind of, nearest first: "dog bark" is an "animal", and that is "nature"."""
    chain = []
    parent = PARENTS.get(name)
    while parent is not None:
        chain.append(parent)
        parent = GRANDPARENTS.get(parent)
    return tuple(chain)


def look_alikes(name: str) -> frozenset[str]:
    """The other made sounds that are easily taken for this one."""
    return frozenset(other for group in LOOK_ALIKES if name in group for other in group) - {name}
