"""Targets written by hand, good and bad, as LLMs of all sizes write them: what the verifier is measured on.

The clip is tagged (dog, rain); where there are two, the second is tagged (siren, rain). The corpus also has cat, wind,
church bells, engine, chirping birds, keyboard typing and crying baby. Options: dog, cat, siren.
"""

from typing import NamedTuple

FIRST, SECOND = ("dog", "rain"), ("siren", "rain")
CORPUS = (
    *("dog", "rain", "siren", "cat", "wind", "church bells", "engine", "chirping birds", "keyboard typing"),
    "crying baby",
)
OPTIONS = ("dog", "cat", "siren")


class Target(NamedTuple):
    """A reply to a recipe; reason None: it is good."""

    recipe: str
    text: str
    reason: str | None = None
    finish_reason: str = "stop"


GOOD = [
    Target("positive", text)
    for text in (
        "I hear dog and rain.",
        "The audio contains dog and rain.",
        "This is a recording of dog and rain.",
        "A dog barks while rain falls steadily.",
        "Rain is pouring down and a dog can be heard barking in the distance.",
        "You can hear the barking of a dog over the sound of rainfall.",
        "It is raining, and there's a dog nearby.",
        "**Sounds:** a dog barking, rain",
        "- Dog\n- Rain",
        "1. A dog barking\n2. Rain falling",
        "A canine vocalises in wet weather.",
        "In this recording, one hears a barking dog accompanied by the patter of rain.",
        "The recording features a dog. Rain can be heard as well.",
        "I hear a dog barking in the rain, and nothing else.",
        "There is no siren or music here, only a dog and the rain.",
        "A dog barks; apart from the rain there is no other sound.",
        "I can clearly hear two things: a dog and rain.",
        "Woof! A dog is barking in the rain.",
    )
] + [
    Target("negative", text)
    for text in (
        "There is no cat and no siren.",
        "The cat and the siren are not in the audio.",
        "Cat and siren are absent.",
        "I cannot hear a cat or a siren.",
        "I don't hear any cat, nor do I hear a siren.",
        "Neither the cat nor the siren can be heard.",
        "The sounds that are missing are cat and siren.",
        "Of these sounds, only the dog is present; the others are absent.",
        "The cat and siren are missing, but the dog is there.",
        "Missing: cat, siren",
        "Not heard:\n- cat\n- siren",
        "None of them except the dog can be heard.",
        "There's a dog, but neither a cat nor a siren.",
        "What I cannot hear is the cat and the siren.",
        "The cat is not present, and the siren isn't either.",
        "The following sounds are absent: cat and siren.",
        "You won't hear a cat or a siren in this recording.",
        "The audio lacks the sound of a cat and that of a siren.",
        "Cat, siren",
        "cat and siren",
        "All of them but the dog are missing.",
        "The absent sounds are the cat and the siren.",
        "Everything except the dog is missing.",
        "I can't hear the sounds of a cat or a siren.",
    )
] + [
    Target("combined", text)
    for text in (
        "I hear dog, but there is no cat and no siren.",
        "The dog is present, while the cat and the siren are absent.",
        "Present: dog. Absent: cat, siren.",
        "**Heard:** dog\n**Not heard:** cat, siren",
        "Heard:\n- dog\n\nNot heard:\n- cat\n- siren",
        "dog: yes, cat: no, siren: no",
        "- dog: present\n- cat: absent\n- siren: absent",
        "Dog (present), cat (absent), siren (not heard).",
        "There is a dog barking, but I can't hear a cat or a siren.",
        "Only the dog can be heard; neither the cat nor the siren is there.",
        "The dog is in the audio. The cat and siren are not in the audio.",
        "A dog is barking without any cat or siren.",
        "I hear the dog. The others are absent.",
        "The dog barks. There is no cat. There is no siren.",
        "Yes, there is a dog; no cat and no siren, however.",
        "The cat and the siren are absent, but the dog is present.",
        "There's no cat, the dog is audible, and there is no siren.",
    )
] + [
    Target("difference", text)
    for text in (
        "The first has dog and rain, the second has siren and rain.",
        "In the first recording, a dog barks in the rain, while the second one has a siren in the rain.",
        "Both have rain, but the first contains a dog whereas the second contains a siren.",
        "The first clip features a dog; the second features a siren instead.",
        "Rain falls in both. A dog barks in the first, and a siren wails in the second.",
        "Unlike the second, which has a siren, the first has a dog.",
        "The dog is only in the first recording and the siren only in the second.",
        "The first has no siren and the second has no dog.",
        "Recording 1: dog and rain. Recording 2: siren and rain.",
        "They differ in one sound: the first has a dog and the second a siren.",
        "The former has a barking dog, the latter an emergency siren; it rains in both.",
    )
] + [
    Target("joint", text)
    for text in (
        "Together they contain dog, rain and siren.",
        "A dog barks and a siren wails in the rain.",
        "The two clips contain a dog, rain, and a siren.",
        "Rain falls while a dog barks in one clip and a siren sounds in the other.",
        "Here is one caption for both: a dog, a siren and rain.",
        "A rainy scene with a barking dog and an ambulance siren.",
        "Across both recordings, one hears dogs barking, sirens, and rainfall.",
    )
]  # fmt: skip

BAD = [
    Target("positive", "I hear dog, rain and wind.", "affirms_absent"),
    Target("positive", "A cat meows in the rain.", "affirms_absent"),
    Target("positive", "The church bell tolls while a dog barks.", "affirms_absent"),
    Target("positive", "Birds are chirping and a dog barks.", "affirms_absent"),
    Target("positive", "Someone is typing on a keyboard as rain falls.", "affirms_absent"),
    Target("positive", "A dog barks, and a baby cries.", "affirms_absent"),
    Target("positive", "I hear a cow and a dog.", "affirms_absent"),
    Target("positive", "There is no dog, only rain.", "denies_present"),
    Target("positive", "I hear rain without any dog.", "denies_present"),
    Target("positive", "There are no animals; it just rains.", "denies_present"),
    Target("positive", "", "empty"),
    Target("positive", "...", "empty"),
    Target("positive", "I hear a dog and", "cut_off", "length"),
    Target("positive", "Replay the audio.", "echo"),
    Target("positive", "Replay the audio. I hear a dog.", "echo"),
    Target("positive", "(dog, rain)", "echo"),
    Target("positive", "[Begin of audio](dog, rain)[End of audio]", "echo"),
    Target("positive", "I'm sorry, but I can't listen to audio.", "refusal"),
    Target("positive", "I’m unable to play audio files.", "refusal"),
    Target("positive", "As an AI language model, I have no ears.", "refusal"),
    Target("positive", "As a text-based assistant I can only read.", "refusal"),
    Target("positive", "I cannot hear the audio, please describe it.", "refusal"),
    Target("positive", "I don't have the ability to process sound.", "refusal"),
    Target("positive", "No audio was provided.", "refusal"),
    Target("positive", "Please upload the recording.", "refusal"),
    Target("positive", "Unfortunately, that is impossible.", "refusal"),
    Target("positive", "", "refusal", "content_filter"),
    Target("positive", "The description says that there is a dog in the rain.", "mentions_metadata"),
    Target("positive", "Based on the tags, a dog barks in the rain.", "mentions_metadata"),
    Target("positive", "According to the metadata: dog, rain.", "mentions_metadata"),
    Target("positive", "The caption mentions a dog and rain.", "mentions_metadata"),
    Target("positive", "The audio is labelled as dog and rain.", "mentions_metadata"),
    Target("positive", "From the information provided, a dog barks.", "mentions_metadata"),
    Target("positive", "The text in parentheses lists dog and rain.", "mentions_metadata"),
    Target("positive", "The audio tags are dog and rain.", "mentions_metadata"),
    Target("positive", "As you described, it is a dog in the rain.", "mentions_metadata"),
    Target("negative", "There is no dog and no siren.", "denies_present"),
    Target("negative", "There is no cat, no siren and no dog.", "denies_present"),
    Target("negative", "None of them can be heard.", "denies_present"),
    Target("negative", "None of these sounds are in the audio.", "denies_present"),
    Target("negative", "All of them are absent.", "denies_present"),
    Target("negative", "All of them are in the audio.", "affirms_absent"),
    Target("negative", "Nothing is missing.", "affirms_absent"),
    Target("negative", "I hear dog, cat and siren.", "affirms_absent"),
    Target("negative", "There is no siren, but there is a cat.", "affirms_absent"),
    Target("negative", "The dog is missing.", "denies_present"),
    Target("negative", "There is no cat.", "incomplete"),
    Target("negative", "I hear dog.", "incomplete"),
    Target("negative", "dog", "denies_present"),
    Target("negative", "There is no rain, no cat and no siren.", "denies_present"),
    Target("negative", "Which of these sounds are not in the audio: dog, cat, siren?", "echo"),
    Target("negative", "I cannot help with that.", "refusal"),
    Target("negative", "The tags do not include cat and siren.", "mentions_metadata"),
    Target("negative", "Cat and siren are not in the description.", "mentions_metadata"),
    Target("combined", "I hear dog and cat, but there is no siren.", "affirms_absent"),
    Target("combined", "I hear siren, but there is no dog and no cat.", "affirms_absent"),
    Target("combined", "There is no cat, no dog and no siren.", "denies_present"),
    Target("combined", "I hear dog, but there is no cat.", "incomplete"),
    Target("combined", "There is no cat and no siren.", "incomplete"),
    Target("combined", "dog: no, cat: no, siren: no", "denies_present"),
    Target("combined", "- dog: absent\n- cat: absent\n- siren: absent", "denies_present"),
    Target("combined", "Present: dog, siren. Absent: cat.", "affirms_absent"),
    Target("combined", "The cat is present, while the dog and the siren are absent.", "affirms_absent"),
    Target("combined", "All of them are present.", "affirms_absent"),
    Target("combined", "I hear dog and wind, but there is no cat and no siren.", "affirms_absent"),
    Target("difference", "The first has siren and rain, the second has dog and rain.", "affirms_absent"),
    Target("difference", "The first has dog and rain, the second has cat and rain.", "affirms_absent"),
    Target("difference", "The first has a dog in the wind, the second a siren.", "affirms_absent"),
    Target("difference", "The first has no dog and the second has a siren.", "denies_present"),
    Target("difference", "There is no rain in either; the first has a dog, the second a siren.", "denies_present"),
    Target("difference", "The first has a dog.", "incomplete"),
    Target("difference", "They are different.", "incomplete"),
    Target("difference", "It rains in both of them.", "incomplete"),
    Target("difference", "How do the two recordings differ?", "echo"),
    Target("joint", "Together they contain dog, rain, siren and cat.", "affirms_absent"),
    Target("joint", "Two recordings with sounds.", "incomplete"),
    Target("joint", "A siren wails.", "incomplete"),
    Target("joint", "A dog barks.", "incomplete"),
    Target("joint", "A siren wails in the rain, and there is no dog.", "denies_present"),
]
