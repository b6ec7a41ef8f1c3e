"""The frame of a page that needs nothing else: no script, no request, no style but its own.

The policy of a page names its one style sheet by digest, so that even an escape that failed could run or load nothing.
On paper each sheet says how many there are.
"""

import base64
import hashlib
from typing import Final

from harness_cli.guard.encode import for_html

BASE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--paper:#fff;--box:#f6f8fa;--line:#d1d9e0;--wrong:#d020201f;
--critical:#a40e26;--high:#b93a24;--medium:#7d5700;--low:#0a6580;--passed:#1a7f37;--odd:#6639ba;--link:#0550ae}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4ae;--paper:#0d1117;--box:#161b22;
--line:#30363d;--critical:#ff7b87;--high:#ff9b80;--medium:#e3b341;--low:#6cc7e0;--passed:#56d364;--odd:#c297ff;
--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:1.6rem;line-height:1.25;margin:.1em 0 .4em;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:1.8em 0 .5em}
p{margin:.5em 0;overflow-wrap:anywhere}p,li{text-wrap:pretty}
ul,ol{margin:.3em 0;padding-left:1.4em}
li{margin:.35em 0;overflow-wrap:anywhere}
code,.checkpoint{font:.875em/1.45 ui-monospace,monospace;overflow-wrap:anywhere}
code{background:var(--box);border-radius:4px;padding:.1em .3em;-webkit-box-decoration-break:clone;
box-decoration-break:clone}
small,.kicker,.where,.controls,.note{color:var(--soft)}
.kicker{margin:0}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.facts{display:flex;flex-wrap:wrap;gap:8px 32px;margin:1em 0}
.facts dt{color:var(--soft);font-size:.85rem}
.facts dd{margin:0;overflow-wrap:anywhere}
.verdict,.chip{display:inline-block;border:1.5px solid currentColor;border-radius:6px;font-weight:600}
.verdict{padding:.15em .6em;font-size:1.1rem}
.chip{padding:0 .45em;font-size:.8rem;line-height:1.5}
.critical.verdict,.critical.chip{color:var(--critical)}
.high.verdict,.high.chip{color:var(--high)}
.medium.verdict,.medium.chip{color:var(--medium)}
.low.verdict,.low.chip{color:var(--low)}
.passed.verdict{color:var(--passed)}
.odd.verdict{color:var(--odd)}
table{border-collapse:collapse;width:100%;margin:8px 0;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
td:first-child{white-space:nowrap}
th{border-top:0;color:var(--soft);font-weight:600;white-space:nowrap}
@page{margin:14mm 14mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt system-ui,sans-serif}}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--box:#fff;--line:#bbb;--critical:#8b0000;--high:#a03010;
--medium:#6b4a00;--low:#00506b;--passed:#0b5a20;--odd:#4b2a90;--link:#000}
body{font-size:9pt;line-height:1.35}main{max-width:none;padding:0}h1{font-size:15pt;margin:0 0 2mm}
h2{font-size:11pt;margin:4mm 0 1mm;break-after:avoid}h2+p,header,tr,svg{break-inside:avoid}
p{margin:1mm 0;orphans:3;widows:3}li{margin:.3mm 0;orphans:3;widows:3}code{padding:0}a{text-decoration:none}
.facts{gap:0 6mm;margin:1.5mm 0}.facts dt,.facts dd{display:inline;font-size:9pt}.facts dt{margin-right:1.5mm}
.verdict{font-size:11pt}
.chip{font-size:8pt;line-height:1.2;border-width:1px;border-radius:3px}
table{margin:.5mm 0;font-size:8pt}th,td{padding:.3mm 3mm .3mm 0}thead{display:table-header-group}}
""".strip()


def page(title: str, style: str, body: str) -> str:
    """The whole page; `style` comes after what all pages share, `body` is HTML, the rest is escaped here.

    No style depends on the run: the digest of the style sheet is the same in every report.
    """
    sheet = f"{BASE}\n{style}"
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{for_html(title)}</title>\n<style>{sheet}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )
