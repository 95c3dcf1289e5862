"""A clip's metadata in, the text that stands for its audio out: shared by synthesis and the text ceiling."""

from balsa_core.labels import describe_tags
from balsa_core.records import Clip


def seed_text(clip: Clip) -> str:
    """What the backbone reads in place of the audio: '"hello there" (Gender: female) A dog barks. (dog, rain)'.

    Transcript with attributes, caption, tags: what the clip has, in this order; "()" when it has nothing.
    """
    attributes = ", ".join(f"{name}: {value}" for name, value in clip.attributes)
    pieces = [
        f'"{clip.transcript}"' if clip.transcript else "",
        f"({attributes})" if attributes else "",
        clip.caption or "",
        describe_tags(clip.tags) if clip.tags else "",
    ]
    return " ".join(filter(None, pieces)) or describe_tags(())
