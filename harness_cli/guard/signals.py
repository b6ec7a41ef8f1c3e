"""Text that speaks to the machine instead of to people: a fact for the reviewer, never a decision.

A signal can raise the approval level and can never lower it. Nothing here blocks an attack: text has no way to a
decision in the first place. So the rules are few and plain, and each names one thing that a ticket has no need for.
"""

import re
import unicodedata
from typing import Final

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard.clean import visible

LONGEST: Final = 100_000
_HIDDEN: Final = re.compile(r"\\u\{(?:200[b-f]|202[a-e]|206[0-9a-f]|e00[0-7][0-9a-f]|e01[0-9a-f]{2}|feff|ad)\}")
_REORDERING: Final = re.compile("[\u202d\u202e\u2066-\u2068]")
_INVISIBLE: Final = re.compile("[\u200b\u2060-\u2064\U000e0000-\U000e007f]")
_MARKUP: Final = re.compile("[*_`~\"'\u2018\u2019\u201c\u201d]+")

_ORDER: Final = r"\b(?:ignore|disregard|forget|override|bypass|do not (?:follow|obey)|dont follow|stop following)\s"
_MACHINE: Final = (
    r"\b(?:ai|assistant|agent|bot|llm|chatgpt|claude|gemini|copilot|automated reviewer|language model)s?\b"
)
_DEED: Final = (
    r"\b(?:approve|merge|mark|skip|ignore|pass|execute|run|grant|delete|send|call|report|disable|add|reply|respond"
    r"|say|output|print|treat)\b"
)
_RULES: Final = (
    (  # set aside what the tool was told
        "INJ-01",
        _ORDER + r"(?:[\w']{1,20}\s){0,5}(?:instruction|prompt|guideline|directive|filter|direction|command)s?\b",
        _ORDER + r"(?:all|any|your|everything|anything)\s(?:[\w']{1,20}\s){0,3}"
        r"(?:rule|polic\w+|constraint|restriction|above|before|said|told)",
    ),
    (  # become somebody else
        "INJ-02",
        r"\b(?:you are now|you will now act|act as|pretend (?:to be|you are|that you)|roleplay as|from now on,? you"
        r"|youre going to act|imagine you are)\b.{0,80}"
        r"\b(?:ai|assistant|model|bot|dan|admin\w*|root|system|developer|unrestricted|unfiltered|jailb\w+|hacker)\b",
    ),
    (  # show what the tool was told
        "INJ-03",
        r"\b(?:reveal|show|print|repeat|display|output|tell me|leak|translate|summari[sz]e|what (?:is|are|was|were))\b"
        r".{0,50}\b(?:(?:system|initial|hidden) prompt|(?:text|words|instructions|everything) (?:above|before)"
        r"|your (?:system |initial |hidden |original |secret )?(?:prompt|instruction|rule|guideline))",
    ),
    (  # a forged turn of a conversation
        "INJ-04",
        r"<\|(?:im_?start|im_?end|system|endoftext|assistant|user)\|>|\[/?inst\]|<</?sys>>",
        r"(?:^|\n)\s{0,8}(?:system|assistant)(?: prompt| message)?\s?:\s{0,4}(?:you|ignore|please|from|the user)\b",
        r"\bbegin (?:system|admin) (?:prompt|message|override)|\bnew (?:system )?instructions?\s?:",
    ),
    (  # an order to the reviewer's tool
        "INJ-05",
        _MACHINE + r"[^.\n]{0,40}?\b(?:must|should|shall|please|need to|have to|are to|will)\b[^.\n]{0,25}?" + _DEED,
    ),
    (  # a verdict dictated
        "INJ-06",
        r"\b(?:approve|merge|accept|pass|allow) (?:this|the|all|every)\b.{0,40}"
        r"\b(?:without|regardless|immediately|automatically|no matter)\b",
        r"\bmark (?:this|all|every|it)\b.{0,40}\b(?:safe|passed|approved|compliant|resolved)\b",
        r"\b(?:skip|disable|turn off|bypass)\b.{0,30}"
        r"\b(?:review|security check|safety|approval|policy check|audit|moderation|content filter)",
    ),
    (  # carry something out
        "INJ-07",
        r"\b(?:send|post|upload|exfiltrate|forward|transmit|e?mail)\b.{0,60}"
        r"\b(?:secret|credential|token|password|api key|environment variable|private key)s?\b"
        r".{0,60}\b(?:to|at)\b.{0,20}(?:https?:|\S{1,64}@\S|www\.)",
    ),
    (  # ask for a machine without bounds
        "INJ-08",
        r"\b(?:jailbreak|dan mode|developer mode|god mode|do anything now"
        r"|without (?:any )?(?:restrictions|limitations|filters|censorship))\b",
    ),
    (  # a picture that would carry data out when shown
        "INJ-09",
        r"!\[[^\]\n]{0,200}\]\(\s{0,8}https?:[^)\s]{0,200}[?=][^)\s]{0,200}"
        r"(?:\{|\$|%7b|secret|token|data|prompt|conversation)",
    ),
)
_COMPILED: Final = tuple((rule, re.compile("|".join(patterns), re.IGNORECASE)) for rule, *patterns in _RULES)


def injection_signals(text: str | Untrusted) -> tuple[str, ...]:
    """Ids of the rules that a text meets, in order; INJ-10: words are hidden or reordered by invisible characters."""
    raw = (text.for_parser() if isinstance(text, Untrusted) else text)[:LONGEST]
    shown = visible(raw, keep="\n\r\t")
    plain = _MARKUP.sub("", unicodedata.normalize("NFKC", _HIDDEN.sub("", shown)))
    found = [rule for rule, pattern in _COMPILED if pattern.search(plain)]
    if _REORDERING.search(raw) or len(_INVISIBLE.findall(raw)) >= 3:
        found.append("INJ-10")
    return tuple(found)
