from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balsa_core.mentions import Lexicon, mentioned, split_words, stem

LABELS = ("dog", "chirping birds", "bell", "church bells", "keyboard typing", "car horn", "train", "clock alarm", "bee")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Dogs bark.", ("dog",)),
        ("The dog's bowl", ("dog",)),
        ("hotdog", ()),
        ("Birds are chirping", ("chirping birds",)),
        ("a chirping bird", ("chirping birds",)),
        ("birds, chirping", ()),
        ("A church bell, then a bell.", ("church bells", "bell")),
        ("someone types on a keyboard", ("keyboard typing",)),
        ("car and train horn", ("train",)),
        ("an alarm clock", ("clock alarm",)),
        ("car-horn", ("car horn",)),
        ("bees and a bee", ("bee",)),
        ("", ()),
    ],
)
def test_a_label_is_named_by_any_form_of_its_words(text: str, labels: tuple[str, ...]) -> None:
    assert mentioned(text, LABELS) == labels


@pytest.mark.parametrize(
    "forms",
    [
        ("dog", "dogs", "dog's"),
        ("clap", "claps", "clapping", "clapped"),
        ("sneeze", "sneezes", "sneezing", "sneezed"),
        ("fly", "flies"),
        ("cry", "cries", "crying", "cried"),
        ("church", "churches"),
        ("bee", "bees"),
        ("wave", "waves", "waving"),
        ("hiss", "hisses", "hissing"),
        ("horse", "horses"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize("words", [("ring", "r"), ("siren", "sire"), ("glass", "glas"), ("bus", "bu"), ("sing", "s")])
def test_short_words_are_left_alone(words: tuple[str, str]) -> None:
    assert stem(words[0]) != stem(words[1])


def test_another_name_means_its_label_unless_it_is_a_label_itself() -> None:
    lexicon = Lexicon({"dog": ("canine", "barking"), "barking": ()})
    assert [mention.label for mention in lexicon.find("A canine is barking.")] == ["dog", "barking"]


@given(st.lists(st.sampled_from(LABELS), unique=True, max_size=5))
def test_every_label_is_found_in_a_list_of_labels(labels: list[str]) -> None:
    assert mentioned(f"({', '.join(labels)})", LABELS) == tuple(labels)


@given(st.text(max_size=60))
def test_words_are_pieces_of_the_text_in_order(text: str) -> None:
    words = split_words(text)
    assert all(text[word.start : word.end].replace("’", "'").lower() == word.text for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))


@given(st.text(alphabet="abcdeginrs'", max_size=12))
def test_a_stem_is_never_longer_than_its_word(word: str) -> None:
    assert len(stem(word)) <= len(word)
