"""Which tokens the pocket language model knows: sound names, common words, and the letters for all the rest."""

import re
import string

from balsa_core.pocket import wordings
from balsa_core.pocket.sound_names import SOUND_NAMES

PAD, END, UNKNOWN = "<|pad|>", "<|end|>", "[UNK]"
SYSTEM, USER, ASSISTANT = "<|system|>", "<|user|>", "<|assistant|>"
BEGIN_OF_AUDIO, END_OF_AUDIO = "[Begin of audio]", "[End of audio]"
SPECIAL_TOKENS: tuple[str, ...] = (PAD, END, SYSTEM, USER, ASSISTANT, BEGIN_OF_AUDIO, END_OF_AUDIO)
PIECE_PREFIX = "##"

COMMON_WORDS_TEXT = """
a an the this that these those some any each every all both no none not nor one two three four five six seven eight
nine ten zero many much more most few other another same different such only also too very just then than so if or
and but because while when where who whom whose which what why how there here I you he she it we they me him her us
them my your his its our their mine yours myself yourself itself am is are was were be been being do does did done
doing have has had having can could will would shall should may might must need let say says said tell tells ask asks
give gives take make makes made get gets go goes going come comes see look find use used know think want like hear
hears heard hearing listen sound sounds noise noises audio clip clips recording recordings caption captions list
lists word words sentence sentences answer answers question questions name names item items describe repeat compare
sort check count first second third last next before after during between among from to of in on at by for with
without within into onto over under above below near far up down out off around through across about against along
behind beside inside outside again always never often sometimes once twice now later soon still already yes present
absent missing contain contains contained include includes including except instead together apart alone loud loudly
quiet quietly soft softly high low long short fast slow slowly quickly big small large little old young new good bad
clear distant close background foreground room outdoors indoors end begin begins start starts stop stops person
people man woman men women child children boy girl baby voice voices talk talks speak speaks spoken language English
emotion happy sad angry neutral pitch volume speed gender male female age accent duration source quality intent text
real synthetic several various few continuous repeated rings plays sings barks blows falls flows runs drives passes
flies moves walks hits opens closes breaks knocks cries laughs coughs types water air wood metal glass ground floor
wall night day morning evening city country nature home house hello thank please welcome sorry okay helpful assistant
model user system Yes No The A An I It There This That These Those What Which Who How Is Are Was Do Does Did Can
Could Have Has Had In On At Of For From First Second Both All None Some Any Each One Two Three Four Five Six Zero
Please Answer Describe List Say Tell Name Repeat Compare Sort Count Check Give Hello Hi Thank You We They He She And
But Or Not Together Replay Generate Sum Who You Gender Emotion Pitch Volume Speed Age Accent Duration
"""
_PLACE_HOLDER = re.compile(r"\{\w+\}")
_WORD = re.compile(r"[A-Za-z]+")


def known_words() -> tuple[str, ...]:
    """Every single-word token, sorted: words of wordings, of multi-word names, common words."""
    texts = [COMMON_WORDS_TEXT, *SOUND_NAMES, *_wording_texts()]
    words = {word for text in texts for word in _WORD.findall(_PLACE_HOLDER.sub(" ", text)) if len(word) > 1}
    return tuple(sorted(words))


def multi_word_names() -> tuple[str, ...]:
    """The names that are one token in spite of their spaces."""
    return tuple(name for name in SOUND_NAMES if " " in name)


def pieces() -> tuple[str, ...]:
    """The printable ASCII characters, as the start of a word and inside one, and the line break."""
    characters = [character for character in string.printable[:95] if character != " "]
    return ("\n", *characters, *(PIECE_PREFIX + character for character in characters))


def word_ids() -> dict[str, int]:
    """Piece or word -> id. Names of several words and special tokens follow, so that no mere text can spell one."""
    return {token: index for index, token in enumerate(dict.fromkeys((UNKNOWN, *pieces(), *known_words())))}


def _wording_texts() -> list[str]:
    texts: list[str] = []
    for value in vars(wordings).values():
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, tuple):
            texts.extend(value)
        elif isinstance(value, dict) and all(
            isinstance(key, str) and isinstance(entry, str) for key, entry in value.items()
        ):
            texts.extend([*value.keys(), *value.values()])
    return texts
