"""What a model's sentence may look like at all: plain text in the answer's language, about the law and not about itself."""

import re
import unicodedata
from functools import lru_cache

from knowledge.llm import prompts
from knowledge.model import Lang
from knowledge.reading.text import clean

LONGEST = 600
"""Characters of a sentence."""
_MARK = re.compile(r"\[\d{1,3}\]")
_FORM = re.compile(
    r"https?:|www\.|\w@\w|(?<!\w)@\w|[<>{}|\\`*_#~^]|={2,}|\[(?!\d{1,3}\])|(?<!\d)\]|\]\(|\b\w+\.(?:com|net|org|cn|ru|io|ai|example|eu|de)\b"
    r"|(?<!\w)/[A-Za-z]|[\U0001F000-\U0001FAFF☀-➿]|…|\.\.\.",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"[\"“”„«»「」『』]")
_SELF = re.compile(r"\b(?:I|I'm|I'll|my|me|chatbot|prompt|plain text|sentences?)\b|我是|我会|我们|我无法")
_TOLD = re.compile(
    r"\b(?:as an? (?:ai|assistant|language model)|(?:language|ai) model|system (?:message|prompt)|instructions?|assistant"
    r"|ignor\w+|disregard\w*)\b|作为(?:一个)?(?:AI|人工智能|语言模型|助手)|语言模型|提示词|系统消息|忽略|无视|指令",
    re.IGNORECASE,
)
"""Words that speak of a model or to one. They are not said even where a passage has them: that may be an attack."""
_RUN = 6
"""Words in a row that a prompt has: then it is the prompt that speaks."""


def fault(sentence: str, lang: Lang, allowed: str) -> str | None:
    """What is wrong with the form of the sentence, None where nothing is. `allowed` is text that the answer itself has."""
    if len(sentence) > LONGEST:
        return "long"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in sentence):
        return "control"
    plain = _MARK.sub("", sentence)
    own, told = _own(allowed)
    for pattern, name in ((_FORM, "form"), (_QUOTES, "quote")):
        if any(m.group().lower() not in own for m in pattern.finditer(plain)):
            return name
    if _TOLD.search(plain) or any(not _has_word(allowed, m.group()) for m in _SELF.finditer(plain)):
        return "self"
    if _foreign(plain, lang, allowed):
        return "language"
    if _from_prompt(plain, told):
        return "prompt"
    return None


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", text) is not None


def _foreign(text: str, lang: Lang, allowed: str) -> bool:
    """Is it in another language than the answer's? Names that the answer has in another script are its own."""
    letters = [c for c in text if c.isalpha()]
    han = sum("㐀" <= c <= "鿿" for c in letters)
    if lang == "en":
        other = [c for c in letters if not _latin(c)]
        return any(c not in allowed for c in other) or len(other) * 3 > len(letters) or not letters
    return han * 3 < len(letters) or not han


@lru_cache(maxsize=4096)
def _latin(char: str) -> bool:
    return "LATIN" in unicodedata.name(char, "")


@lru_cache(maxsize=64)
def _own(allowed: str) -> tuple[str, str]:
    """What the answer has itself, in small letters, and its words; looked at for each sentence."""
    own = clean(allowed).lower()
    return own, " ".join(re.findall(r"\w+", own))


def _from_prompt(text: str, own: str) -> bool:
    said = re.findall(r"\w+", text.lower())
    runs = (" ".join(said[i : i + _RUN]) for i in range(len(said) - _RUN + 1))
    return any(run in _told() and run not in own for run in runs)


@lru_cache(maxsize=1)
def _told() -> str:
    whole = " ".join((prompts.READING, prompts.WORDING, prompts.SUMMARY))
    return " ".join(re.findall(r"\w+", whole.lower()))
