"""How text becomes token ids and comes back: a word is one token or its letters, a sound name is always one."""

from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from balsa_core.pocket.vocabulary import (
    ASSISTANT,
    BEGIN_OF_AUDIO,
    END,
    END_OF_AUDIO,
    PAD,
    PIECE_PREFIX,
    SPECIAL_TOKENS,
    SYSTEM,
    UNKNOWN,
    USER,
    multi_word_names,
    word_ids,
)

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
CLOSING = r"[.,?!:;)]"
CONTEXT_TOKENS = 1024


def build_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer of the pocket language model, made from the vocabulary."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_build_backend(),
        eos_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
        extra_special_tokens=[SYSTEM, USER, ASSISTANT, BEGIN_OF_AUDIO, END_OF_AUDIO],
        clean_up_tokenization_spaces=False,
        model_max_length=CONTEXT_TOKENS,
        padding_side="left",
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def save_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Write the tokenizer in the Hugging Face layout and hand it back."""
    tokenizer = build_tokenizer()
    tokenizer.save_pretrained(folder)
    return tokenizer


def _build_backend() -> Tokenizer:
    # A BPE without merges that looks the whole word up first: a known word is one token, any other falls to letters and
    # never to a known word plus a rest, so "dogfish" does not put a "dog" into the text.
    model = models.BPE(
        vocab=word_ids(),
        merges=[],
        unk_token=UNKNOWN,
        continuing_subword_prefix=PIECE_PREFIX,
        fuse_unk=True,
        ignore_merges=True,
    )
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\n"), "isolated"),
            pre_tokenizers.Split(Regex(r"[^\S\n]+"), "removed"),
            pre_tokenizers.Split(Regex(rf"^\(|{CLOSING}(?={CLOSING}*$)"), "isolated"),
        ]
    )
    backend.decoder = decoders.Sequence(
        [
            decoders.WordPiece(prefix=PIECE_PREFIX, cleanup=False),
            decoders.Fuse(),
            decoders.Replace(Regex(rf" (?={CLOSING})"), ""),
            decoders.Replace(Regex(r"(?<=\() "), ""),
            decoders.Replace(Regex(r" ?\n ?"), "\n"),
        ]
    )
    backend.add_tokens([AddedToken(name, single_word=True, normalized=False) for name in multi_word_names()])
    backend.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL_TOKENS])
    return backend
