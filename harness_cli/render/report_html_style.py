"""The one style sheet of pages: light and dark by the reader's choice, and on paper."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--paper:#fff;--box:#f6f8fa;--line:#d1d9e0;
--critical:#a40e26;--high:#c4432b;--medium:#7d5700;--low:#0a6580;--passed:#1a7f37;--odd:#6639ba}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4ae;--paper:#0d1117;--box:#161b22;--line:#30363d;
--critical:#ff7b87;--high:#ff9b80;--medium:#e3b341;--low:#6cc7e0;--passed:#56d364;--odd:#c297ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:1.6rem;line-height:1.25;margin:.1em 0 .4em;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2em 0 .6em}
p{margin:.5em 0}
ul,ol{margin:.3em 0;padding-left:1.4em}
li{margin:.35em 0;overflow-wrap:anywhere}
code,.checkpoint{font:.875em/1.45 ui-monospace,monospace;overflow-wrap:anywhere}
code{background:var(--box);border-radius:4px;padding:.1em .3em}
small,.kicker,.where,.controls,.note{color:var(--soft)}
.kicker{margin:0}
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
.warning{border:1.5px solid var(--odd);border-radius:8px;padding:4px 16px 8px;margin-top:1.5em}
.warning h2{margin:.5em 0 .2em}
details{border:1px solid var(--line);border-radius:8px;margin:8px 0;padding:8px 14px}
details.card{border-left:4px solid var(--line)}
details.critical{border-left-color:var(--critical)}
details.high{border-left-color:var(--high)}
details.medium{border-left-color:var(--medium)}
details.low{border-left-color:var(--low)}
summary{cursor:pointer;overflow-wrap:anywhere}
.where{display:block;margin-top:2px;font-size:.9rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:8px 0;font-size:.875rem}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-top:1px solid var(--line)}
th{border-top:0;color:var(--soft);font-weight:600;white-space:nowrap}
td small{overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.75rem}
.counts td,.counts th{padding-right:20px}
.map{display:none}
@media screen and (max-width:720px){.picture{display:none}.map{display:block}}
svg{max-width:100%;min-width:720px;height:auto;display:block}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}
svg .word{font-size:12px;font-weight:600}
svg rect{fill:var(--box);stroke:var(--line);stroke-width:1.25}
svg path{fill:none;stroke:var(--line);stroke-width:1.5}
svg .critical rect{stroke:var(--critical);stroke-width:2}
svg .critical .word{fill:var(--critical)}
svg .high rect{stroke:var(--high);stroke-width:2}
svg .high .word{fill:var(--high)}
svg .medium rect{stroke:var(--medium)}
svg .medium .word{fill:var(--medium)}
svg .low rect{stroke:var(--low)}
svg .low .word{fill:var(--low)}
svg .passed rect{stroke:var(--passed)}
svg .passed .word{fill:var(--passed)}
svg .odd .word{fill:var(--soft)}
@page{margin:14mm 14mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt system-ui,sans-serif}}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--box:#fff;--line:#999;--critical:#8b0000;--high:#a03010;
--medium:#6b4a00;--low:#00506b;--passed:#0b5a20;--odd:#4b2a90}
body{font-size:9.5pt;line-height:1.35}main{max-width:none;padding:0}h1{font-size:15pt}
h2{font-size:11.5pt;margin:1.2em 0 .4em}
tr,svg,summary,header,h2+p{break-inside:avoid}h2,summary{break-after:avoid}p{orphans:3;widows:3;margin:.25em 0}
details{border:0;border-top:1px solid var(--line);border-radius:0;margin:0;padding:4px 0 6px 8px}li{margin:.15em 0}
details::details-content{content-visibility:visible;display:block;block-size:auto}
table{margin:2px 0;font-size:8.5pt}th,td{padding:1px 8px 1px 0;border:0}.digest,.again,.card th{display:none}
summary{list-style:none}.scroll{overflow:visible}svg{min-width:0;max-height:105mm}
.columns{columns:2;column-gap:12mm}.counts td,.counts th{padding-right:6px;line-height:1.15}
.counts th{white-space:normal;vertical-align:bottom}.counts td:first-child{white-space:nowrap}}
""".strip()
