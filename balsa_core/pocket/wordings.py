"""How people ask the pocket language model, and in which form it answers.

The instructions of the recipes and the benchmarks, word for word; a reply form belongs to its wording, so that a greedy
answer can be checked exactly.
"""

HEAR = "I hear {present}."
CONTAINS = "The audio contains {present}."
RECORDING = "This is a recording of {present}."

POSITIVE: dict[str, str] = {
    "Replay the audio.": HEAR,
    "Describe the audio.": RECORDING,
    "What do you hear?": HEAR,
    "Which sounds are present in the audio?": CONTAINS,
    "List the sounds in this recording.": CONTAINS,
    "What can be inferred from the audio?": CONTAINS,
    "This is a sound of": RECORDING,
    "Generate audio caption:": RECORDING,
}
NEGATIVE: tuple[str, ...] = (
    "Which of these sounds are not in the audio: {options}?",
    "Name the sounds of this list that are absent: {options}.",
    "Which of the following can you not hear: {options}?",
    "Say what is missing from the audio among {options}.",
)
COMBINED: tuple[str, ...] = (
    "Which of these sounds are present and which are absent: {options}?",
    "Sort these sounds into heard and not heard: {options}.",
    "For {options}, say which ones are in the audio and which are not.",
    "Check the audio for {options}.",
)
EXISTENCE: tuple[str, ...] = (
    "Is there a sound of {sound} in the audio?",
    "Does the audio contain the sound of {sound}?",
    "Have you noticed the sound of {sound} in the audio?",
    "Can you hear the sound of {sound} in the audio?",
    "Can you detect the sound of a {sound} in the audio?",
)
DIFFERENCE: tuple[str, ...] = (
    "How do the two recordings differ?",
    "What is different between the first and the second audio?",
    "Compare the two clips.",
    "Tell the first recording from the second.",
)
JOINT: tuple[str, ...] = (
    "Describe both recordings together.",
    "Which sounds do the two clips contain together?",
    "Give one caption for both recordings.",
    "Sum up what is heard in the two clips.",
)
WHICH_CLIP: tuple[str, ...] = (
    "Which recording contains the sound of {sound}, the first or the second?",
    "In which of the two clips do you hear {sound}, the first or the second?",
)
ALL_PRESENT = "All of them are in the audio."
NOTHING = "silence"  # what is said to be heard when a clip carries no tag
YES, NO = "Yes.", "No."
FIRST, SECOND = "The first.", "The second."
DIFFERENT = "The first has {first}, the second has {second}."
TOGETHER = "Together they contain {union}."

SYSTEM_PROMPTS: tuple[str, ...] = (
    "You are a helpful assistant.",
    "You listen to audio and answer questions about it.",
    "Answer briefly.",
    "You are an assistant that can hear.",
    "Focus on the audio clip and the instruction.",
)
YES_NO_ENDINGS: tuple[str, ...] = ("Answer yes or no.", "Please answer with yes or no.")
CAPTIONS: tuple[str, ...] = (
    "The sound of {a} is heard.",
    "A recording of {a} with {b}.",
    "There is {a} while {b} goes on in the background.",
    "First {a}, then {b}.",
)
# Text without audio: what the model says to a person who only writes.
SMALL_TALK: dict[str, str] = {
    "Hello.": "Hello.",
    "Hello!": "Hello.",
    "Hi!": "Hello.",
    "Who are you?": "I am a small model that can hear.",
    "What are you?": "I am a small model that can hear.",
    "What can you do?": "I can say which sounds are in an audio.",
    "Thank you.": "You are welcome.",
    "Thank you!": "You are welcome.",
    "Good morning.": "Good morning.",
    "Can you hear?": "Yes, give me an audio.",
}
REPEAT: tuple[str, ...] = ("Repeat: {options}", "Say {options}.", "Repeat after me: {options}.")
FIRST_OF: tuple[str, ...] = ("What is the first of {options}?", "Name the first item: {options}.")
LAST_OF: tuple[str, ...] = ("What is the last of {options}?", "Name the last item: {options}.")
COUNT: tuple[str, ...] = ("How many items are in this list: {options}?", "Count these: {options}.")
IN_LIST: tuple[str, ...] = ("Is {sound} in this list: {options}?", "Does the list {options} contain {sound}?")
KIND_OF: tuple[str, ...] = ("What kind of sound is {sound}?", "Which kind of sound is {sound}?")
NUMBERS: tuple[str, ...] = ("Zero", "One", "Two", "Three", "Four", "Five", "Six")


def join_and(names: list[str]) -> str:
    """A list as a sentence says it: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def join_no(names: list[str]) -> str:
    """A list of absent sounds: "no a", "no a and no b", "no a, no b and no c"."""
    return join_and([f"no {name}" for name in names])
