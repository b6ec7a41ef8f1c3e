"""verify_audit.py FOLDER VKEYS [CHECKPOINT]: a second verifier of audit folders; it imports nothing of harness."""
import base64
import contextlib
import functools
import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.A)
NAME, B64, TIME = r"[!-*,-~]{1,200}", r"[A-Za-z0-9+/]", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.A)
NOTE = re.compile(rf"({NAME})\n(0|[1-9][0-9]{{0,15}})\n({B64}{{43}}=)\n\n((?:\u2014 {NAME} {B64}{{91}}=\n)+)", re.A)
ENUMS = {name: frozenset(values.split()) for name, values in {
    "event": "trace.start policy.decision approval.requested approval.decided credential.issued credential.revoked "
    "tool.intent tool.outcome tool.blocked redaction finding forward.status trace.paused trace.resumed "
    "trace.recovered trace.end audit.pruned key.rotated audit.accessed",
    "action": "read write execute", "approvalStatus": "auto pending approved denied",
    "outcome": "success blocked error pending indeterminate"}.items()}
TEXTS, OPENED = ("agentId", "tool", "dataClass", "env"), ("head", "pause", "seal", "recovered")
NEXT = {"": ("open",), "open": OPENED, "head": OPENED, "pause": ("head",), "seal": (), "recovered": ()}
FIRST, DECIDED = b'{"action":', re.compile(rb'"approvalStatus":"approved",.*"event":"approval\.decided",')
LAST, found = {"seal": "trace.end", "recovered": "trace.recovered", "pause": "trace.paused"}, []
def _say(verdict, place, message):
    found.append(verdict)
    print(verdict, ascii(str(place))[1:-1], ascii(str(message))[1:-1], sep=": ")
def _ask(condition, message):
    if not condition:
        raise ValueError(message)
@contextlib.contextmanager
def _judged(place, verdict="TAMPER"):
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as err:
        _say(verdict, place, err)
def _parse(line, limit=65536):
    _ask(line.endswith(b"\n") and len(line) <= limit, "not a line")
    refuse = functools.partial(_ask, False)  # floats and what is no number are outside the domain
    integer = {"parse_int": lambda text: int(text) if len(text) < 18 and abs(int(text)) < 2**53 else refuse(text)}
    value = json.loads(line.decode("ascii"), parse_float=refuse, parse_constant=refuse, **integer)
    _ask(json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n" == line, "not canonical")
    json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate has no bytes
    return value
def _roots(lines, sizes):
    stack, out = [], {}  # RFC 6962: the roots of the perfect subtrees so far
    for size, line in enumerate(lines, 1):
        stack.append(hashlib.sha256(b"\0" + line).digest())
        for _ in range((size & -size).bit_length() - 1):
            stack[-2:] = [hashlib.sha256(b"\1" + stack[-2] + stack[-1]).digest()]
        if size in sizes:
            out[size] = functools.reduce(lambda right, left: hashlib.sha256(b"\1" + left + right).digest(), stack[::-1])
    return out
def _note(data):  # size, root, origin, what is signed, signatures
    match = NOTE.fullmatch(data.decode()) if len(data) <= 16384 else _ask(False, "too long")
    rows = [row.split(" ") for row in match[4].splitlines()]
    texts = [match[3], *(row[2] for row in rows)]
    blobs = [base64.b64decode(text, validate=True) for text in texts]
    _ask([base64.b64encode(blob).decode() for blob in blobs] == texts, "not a checkpoint in its one form")
    names = zip((row[1] for row in rows), blobs[1:], strict=True)
    return int(match[2]), blobs[0], match[1], data[: data.index(b"\n\n") + 1], [*names]
def _signed(one, keys):  # True; False: it should be and is not; None: by a key that is not trusted
    for who, blob, name, key_id, public in ((*signature, *key) for signature in one[4] for key in keys):
        with contextlib.suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], one[3])
            if (one[2], who, blob[:4]) == (name, name, key_id):
                return True
    return None if one[2] not in dict.fromkeys(key[0] for key in keys) and one[2] in dict(one[4]) else False
def _read(path):  # a link, a folder, a hole without end is none of ours: no form of any file
    limit = 1 << (36 if path.parent.name == "ledger" else 30)
    strange = path.is_symlink() or (path.exists() and not (path.is_file() and path.stat().st_size <= limit))
    return b"\0\n" if strange else path.read_bytes() if path.exists() else None
def _rows(data, place):
    *rows, rest = (data or b"").split(b"\n")
    if rest:
        _say("INCOMPLETE", place, "the last line is torn")
    return [row + b"\n" for row in rows]
def _ledger(folder, keys, since):
    while (signed := [_read(folder / name) for name in ("checkpoints.log", "checkpoint") * 2])[:2] != signed[2:]:
        continue  # a live writer signs just now; what it adds later does no harm
    lines, logged = _rows(_read(folder / "entries.jsonl"), "ledger/entries.jsonl"), []
    for count, line in enumerate(_rows(signed[0], "ledger/checkpoints.log"), 1):
        with _judged(f"ledger/checkpoints.log:{count}"):
            logged.append(_note(_parse(line)["checkpoint"].encode()))
            _ask(set(_parse(line)) == {"v", "checkpoint"} and _parse(line)["v"] == 1, "not a line of the log")
            _ask(len(logged) < 2 or logged[-2][0] < logged[-1][0], "not the next checkpoint")
    every = logged
    with _judged("ledger/checkpoint"):
        current = [_note(data) for data in signed[1:2] if data is not None]
        every = sorted([*logged, *(one for one in current if one not in logged)], key=lambda one: one[0])
        behind = logged[::-1].index(*current) if current else min(len(logged), 2)
        _ask(behind < 2, "not the newest one that was signed")
        if behind:
            _say("INCOMPLETE", "ledger/checkpoint", "a newer one was signed before a crash")
    known, newest = _roots(lines, {one[0] for one in every}), every[-1][0] if every else 0
    for one in every:
        if not (state := _signed(one, keys)):
            _say("UNVERIFIABLE" if state is None else "TAMPER", f"checkpoint {one[0]}", "not signed by the trusted key")
        if known.get(one[0]) != one[1]:
            _say("TAMPER", "ledger/entries.jsonl", f"the first {one[0]} lines are not those that were signed")
    if len(lines) > newest and (every or not found):
        _say("INCOMPLETE" if every else "UNVERIFIABLE", "ledger/entries.jsonl", "leaves beyond the newest checkpoint")
    with _judged("the saved checkpoint", "UNVERIFIABLE"):
        saved = _note(since) if since is not None else None
        _ask(saved is None or (saved[0] and _signed(saved, keys)), "empty, or not signed by the trusted key")
        if saved and _roots(lines, {saved[0]}).get(saved[0]) != saved[1]:
            _say("TAMPER", "ledger/entries.jsonl", "rolled back behind the saved checkpoint, or rewritten")
    traces, ends = {}, []
    for count, line in enumerate(lines, 1):
        with _judged(f"ledger/entries.jsonl:{count}"):
            leaf = _parse(line, 1 << 30)
            shape = re.fullmatch("[0-9a-f]{64}", leaf["head"]) and type(leaf["n"]) is int
            _ask(leaf["v"] == 1 and UUID7.fullmatch(leaf["t"]) and shape, "no leaf")
            last = traces.setdefault(leaf["t"], [{"k": "", "n": 0}])[-1]
            traces[leaf["t"]].append(leaf)
            ends += [count] if leaf["k"] != "head" else []
            fits = leaf["k"] in NEXT[last["k"]] and leaf["n"] > last["n"] and (leaf["k"] != "open" or leaf["n"] == 1)
            _ask(fits, "a leaf out of order")
    if every and any(end not in {one[0] for one in logged} for end in ends if end <= newest or end != max(ends)):
        _say("TAMPER", "ledger/checkpoints.log", "the checkpoint behind a leaf is missing")
    return {trace: leaves[1:] for trace, leaves in traces.items()}, {(one[0], one[1].hex()) for one in every}
def _event(row, seq, prev, trace, story):
    event = _parse(row)
    _ask((event["seq"], event["prev"], event["traceId"]) == (seq, prev, trace), f"line {seq + 1}: the chain is broken")
    _ask(event["v"] == 1 and all(event[name] in ENUMS[name] for name in ENUMS), "a field outside its values")
    shape = all(isinstance(event[name], str) for name in TEXTS) and isinstance(event["principal"], dict)
    _ask(shape and TIME.fullmatch(event["timestamp"]) and type(event["mono"]) is int, "a field is missing")
    kind, last, span, spans = event["event"], story["last"], event.get("spanId"), story["spans"]
    approval = event["approval"] if isinstance(event.get("approval"), dict) else {}
    resumed, turn = kind == "trace.resumed", kind in ("trace.start", "trace.resumed", "trace.recovered")
    over = last in (LAST["seal"], LAST["recovered"]) and kind != "trace.recovered"
    _ask((kind == "trace.start") == (seq == 0) and not over and (turn or event["mono"] >= story["mono"]), "disorder")
    _ask((last == "trace.paused") == resumed or (resumed and last == kind), "resumed when paused, then only")
    if kind == "tool.intent":
        _ask(re.fullmatch("[0-9a-f]{16}", span) and span not in spans, "an intent without a span of its own")
        linked = event["approvalStatus"] == "auto" or (event["approvalStatus"] == "approved" and "line" in approval)
        valid = str(approval.get("expires", "~")) >= event["timestamp"] and event["outcome"] == "pending"
        _ask(linked and valid, "a call that was not approved, or nowhere, or too long ago")
        spans[span] = False
    if kind == "tool.outcome":
        _ask(spans.get(span) is False and event["outcome"] != "pending", "an outcome without its intent")
        spans[span] = event["outcome"] != "indeterminate"
    story.update(last=kind, mono=event["mono"])
    if turn and isinstance(event.get("policy"), dict) and isinstance(event["policy"].get("sha256"), str):
        story["policies"].add(event["policy"]["sha256"])
    return (event.get("anchor") if seq == 0 else None), approval
def _place(trace):
    return datetime.fromtimestamp(int(trace.replace("-", "")[:12], 16) / 1000, UTC).strftime(f"%Y/%m/%d/{trace}.jsonl")
def _trace(folder, trace, leaves, checkpoints):
    place, end, data, prev = _place(trace), leaves[-1], _read(folder / _place(trace)), "0" * 64
    reach, story = {leaf["n"]: leaf["head"] for leaf in leaves}, {"last": "", "mono": 0, "spans": {}, "policies": set()}
    with _judged(place):
        _ask(data is not None, "its file is missing")
        whole = {"bytes": len(data), "file": hashlib.sha256(data).hexdigest()}.items() <= end.items()
        _ask(whole or end["k"] not in ("seal", "recovered"), "size or SHA-256 differ from the sealed ones")
        rows = _rows(data, place)
        for seq, row in enumerate(rows):
            anchor, approval = _event(row, seq, prev, trace, story)
            prev = hashlib.sha256(row).hexdigest()
            _ask(reach.pop(seq + 1, prev) == prev, f"line {seq + 1} is not the one that the ledger holds")
            at = (anchor.get("size"), anchor.get("root")) if isinstance(anchor, dict) and checkpoints else None
            _ask(at is None or at in checkpoints, "it names a checkpoint that this ledger never had")
            if {"seq", "line"} & approval.keys():
                line = _read(folder / _place(approval["trace"])).split(b"\n")[:-1][approval["seq"]] + b"\n"
                _ask(DECIDED.search(line) and hashlib.sha256(line).hexdigest() == approval["line"], "not approved")
        _ask(not reach, f"lines are missing: the ledger holds {max(reach, default=0)}")
        resuming = end["k"] == "pause" and len(rows) > end["n"]
        _ask(end["k"] not in LAST or story["last"] == LAST[end["k"]] or resuming, "it does not end as its leaf says")
        if end["k"] not in ("seal", "pause") or not all(story["spans"].values()) or resuming:
            _say("INCOMPLETE", place, "its writer was killed or still runs, or an outcome is missing")
    return story["policies"]
def _main(folder, vkey, since=None):
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]/**/*.jsonl"))  # first: what is written later is in the ledger
    rows = [row.split("+", 2) for row in (Path(vkey).read_text() if Path(vkey).is_file() else vkey).split()]
    keys = [(name, bytes.fromhex(hexed), base64.b64decode(coded)[1:]) for name, hexed, coded in rows]
    traces, checkpoints = _ledger(folder / "ledger", keys, Path(since).read_bytes() if since else None)
    cited = {f"{one}.json" for each in traces for one in _trace(folder, each, traces[each], checkpoints)}
    kept = {path.name: f"{hashlib.sha256(_read(path)).hexdigest()}.json" for path in folder.glob("policies/[!.]*")}
    for name in sorted(name for name in cited | kept.keys() if kept.get(name) != name):
        _say("TAMPER", f"policies/{name}", "a policy is missing, or is not the one that its name says")
    for path in files:
        place, data = path.relative_to(folder).as_posix(), _read(path)
        begun = data.startswith(FIRST) or FIRST.startswith(data) or not data.strip(b"\0")
        begun = begun and b"\n" not in data[:-1] and len(data) <= 8192
        if not UUID7.fullmatch(path.stem) or place != _place(path.stem) or not (begun or path.stem in traces):
            _say("TAMPER", place, "a file that the ledger does not know")
        elif path.stem not in traces:
            _say("INCOMPLETE", place, "its writer was killed before the ledger knew of it, or it was put there")
    for path in (one for one in folder.rglob("*") if one.is_symlink() and one.is_dir()):
        _say("TAMPER", path.relative_to(folder), "a link stands where a folder belongs")
    codes = {"TAMPER": 9, "UNVERIFIABLE": 11, "INCOMPLETE": 5, "OK": 0, "NOT FOUND": 12}
    verdict = next(one for one in codes if one in [*found, "OK" if traces else "NOT FOUND"])
    print(f"{verdict}: {len(traces)} traces")
    return codes[verdict]
if __name__ == "__main__":
    with _judged("FOLDER VKEYS [CHECKPOINT]", "UNVERIFIABLE"):
        sys.exit(_main(Path(sys.argv[1]), *sys.argv[2:4]))
    sys.exit(11)
