"""The shapes of vendors' credentials, as their documentation gives them: how each begins and what may follow.

A row is a kind, the beginnings it has, and a pattern for the rest, matched where a beginning stands. Each pattern
reads a run once (possessive or of bounded length), so no text makes it slow.
"""

import re
from dataclasses import dataclass
from typing import Final

HEX: Final = "[0-9a-fA-F]"
WORD: Final = "[A-Za-z0-9_-]"
ALNUM: Final = "[A-Za-z0-9]"
UUID: Final = "[0-9a-zA-Z]{8}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{4}-[0-9a-zA-Z]{12}"


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of credential: it begins with one of `starts`, and `rest` matches what follows."""

    kind: str
    starts: tuple[str, ...]
    rest: re.Pattern[str]


def _shape(kind: str, starts: str, rest: str) -> Shape:
    return Shape(kind, tuple(starts.split()), re.compile(rest, re.ASCII))


SHAPES: Final = (
    # clouds
    _shape("aws-access-key", "AKIA ASIA ABIA ACCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _shape("aws-access-key", "A3T", r"[A-Z0-9]{17}(?![A-Za-z0-9])"),
    _shape("aws-bedrock", "ABSK", r"[A-Za-z0-9+/]{60,300}+={0,2}"),
    _shape("aws-bedrock", "bedrock-api-key-", r"[A-Za-z0-9+/=]{20,}+"),
    _shape("aws-mws", "amzn.mws.", UUID),
    _shape("aws-appsync", "da2-", r"[a-z0-9]{26}"),
    _shape("gcp-api-key", "AIza", rf"{WORD}{{28,50}}+"),
    _shape("gcp-oauth", "ya29.", r"[A-Za-z0-9_.-]{20,}+"),
    _shape("gcp-oauth", "GOCSPX-", rf"{WORD}{{20,}}+"),
    _shape("gcp-oauth", "1//0", rf"{WORD}{{30,}}+"),
    _shape("azure-key", "AccountKey= SharedAccessKey= SharedSecretValue=", r"[A-Za-z0-9+/]{20,}+={0,2}"),
    _shape("azure-sas", "&sig= ?sig= &amp;sig=", r"[A-Za-z0-9%+/]{30,}+=*"),
    _shape("azure-webhook", "https://outlook.office.com/webhook/", r"[A-Za-z0-9@/-]{30,}+"),
    _shape("alibaba-key", "LTAI", rf"{ALNUM}{{12,30}}+"),
    _shape("digitalocean", "dop_v1_ doo_v1_ dor_v1_", rf"{HEX}{{40,}}+"),
    _shape("yandex", "AQVN t1. y0_", r"[A-Za-z0-9_.=-]{30,}+"),
    _shape("yandex", "YC", rf"{WORD}{{38}}(?!{WORD})"),
    _shape("scalingo", "tk-us-", rf"{WORD}{{40,}}+"),
    _shape("fly", "FlyV1 fm1_ fm2_ fo1_", r" ?[A-Za-z0-9+/=_,-]{20,}+"),
    _shape("supabase", "sbp_ sb_secret_", rf"{WORD}{{20,}}+"),
    _shape("planetscale", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[A-Za-z0-9_.=-]{20,}+"),
    # code, packages, delivery
    _shape("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", rf"{ALNUM}{{20,255}}+"),
    _shape("github-token", "github_pat_", r"[A-Za-z0-9_]{20,255}+"),
    _shape(
        "gitlab-token",
        "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt- GR1348941",
        r"[A-Za-z0-9_.-]{16,}+",
    ),
    _shape("gitlab-token", "_gitlab_session=", r"[A-Za-z0-9%-]{20,}+"),
    _shape("atlassian-token", "ATATT ATBB ATCTT ATSTT ATTA", r"[A-Za-z0-9_=-]{20,}+"),
    _shape("npm-token", "npm_", rf"{ALNUM}{{30,}}+"),
    _shape("pypi-token", "pypi-AgE", rf"{WORD}{{30,}}+"),
    _shape("rubygems-token", "rubygems_", rf"{HEX}{{40,}}+"),
    _shape("nuget-key", "oy2", r"[a-z0-9]{43}(?![A-Za-z0-9])"),
    _shape("crates-token", "cio", rf"{ALNUM}{{32}}(?!{ALNUM})"),
    _shape("clojars-token", "CLOJARS_", rf"{ALNUM}{{50,}}+"),
    _shape("docker-token", "dckr_pat_ dckr_oat_", rf"{WORD}{{20,}}+"),
    _shape("jfrog-token", "AKCp cmVmdGtu", rf"{ALNUM}{{40,}}+"),
    _shape("circleci-token", "CCIPAT_ CCIPRJ_", rf"{WORD}{{20,}}+"),
    _shape("buildkite-token", "bkua_ bkpt_", rf"{ALNUM}{{20,}}+"),
    _shape("sonar-token", "sqp_ squ_ sqa_", rf"{ALNUM}{{30,}}+"),
    _shape("sourcegraph-token", "sgp_ sgd_ slk_", r"[0-9a-zA-Z_]{30,}+"),
    _shape("dependency-track", "odt_", rf"{ALNUM}{{20,}}+(?:_{ALNUM}{{20,}}+)?"),
    _shape("octopus-key", "API-", r"[A-Z0-9]{20,}+"),
    _shape("postman-key", "PMAK-", rf"{WORD}{{30,}}+"),
    _shape("infracost-key", "ico-", rf"{ALNUM}{{28,}}+"),
    _shape("launchdarkly-key", "api- sdk-", UUID),
    _shape("openshift-token", "sha256~", rf"{WORD}{{30,}}+"),
    _shape("stackhawk-key", "hawk.", rf"{WORD}{{16,}}+\.{WORD}{{16,}}+"),
    # secrets, configuration, access
    _shape("vault-token", "hvs. hvb. hvr.", rf"{WORD}{{20,}}+"),
    _shape("doppler-token", "dp.ct. dp.pt. dp.sa. dp.scim. dp.audit. dp.st.", r"[A-Za-z0-9_.-]{30,}+"),
    _shape("onepassword-token", "ops_eyJ", r"[A-Za-z0-9+/=_-]{30,}+"),
    _shape("onepassword-key", "A3-", r"[A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-?){3,6}"),
    _shape("age-key", "AGE-SECRET-KEY-1", r"[0-9A-Za-z]{40,}+"),
    _shape("age-recipient", "age1", r"[0-9a-z]{50,}+"),
    _shape("pulumi-token", "pul-", rf"{HEX}{{40}}"),
    _shape("prefect-token", "pnu_ pnb_", rf"{ALNUM}{{30,}}+"),
    _shape("tailscale-key", "tskey-", rf"{WORD}{{16,}}+"),
    _shape("databricks-token", "dapi", rf"{HEX}{{32}}(?:-\d)?"),
    _shape("harness-key", "pat. sat.", rf"{WORD}{{20,24}}\.{ALNUM}{{20,30}}\.{ALNUM}{{16,24}}"),
    _shape("defined-key", "dnkey-", r"[A-Za-z0-9=_-]{26,}+"),
    _shape("authress-key", "sc_ ext_ scauth_ authress_", rf"{ALNUM}{{5,30}}\.{ALNUM}{{4,6}}\.[A-Za-z0-9_.-]{{20,}}+"),
    # messages and mail
    _shape("slack-token", "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.", r"[A-Za-z0-9%.-]{10,}+"),
    _shape("slack-token", "xapp-", r"[A-Za-z0-9/-]{16,}+"),
    _shape("slack-webhook", "https://hooks.slack.com/ hooks.slack.com/", r"[a-z]+/[A-Za-z0-9/_+-]{20,}+"),
    _shape("discord-webhook", "https://discord.com/api/webhooks/", r"\d+/[\w-]{30,}+"),
    _shape("zapier-webhook", "https://hooks.zapier.com/hooks/catch/", r"[A-Za-z0-9/]{10,}+"),
    _shape("sendgrid-key", "SG.", r"[A-Za-z0-9_.=-]{40,}+"),
    _shape("mailgun-key", "key- pubkey-", rf"{HEX}{{32}}"),
    _shape("sendinblue-key", "xkeysib- xsmtpsib-", rf"{HEX}{{40,}}+(?:-{ALNUM}{{10,}}+)?"),
    _shape("twilio-key", "SK AC", rf"{HEX}{{32}}(?!{ALNUM})"),
    # machines that answer
    _shape("anthropic-key", "sk-ant-", rf"{WORD}{{20,}}+"),
    _shape("openai-key", "sk-proj- sk-svcacct- sk-admin-", rf"{WORD}{{20,}}+"),
    _shape("openai-key", "sk-", rf"(?={WORD}{{0,24}}\d){WORD}{{20,}}+"),
    _shape("huggingface-token", "hf_ api_org_", rf"{ALNUM}{{30,}}+"),
    _shape("groq-key", "gsk_", rf"{ALNUM}{{30,}}+"),
    _shape("perplexity-key", "pplx-", rf"{ALNUM}{{30,}}+"),
    _shape("xai-key", "xai-", rf"{ALNUM}{{30,}}+"),
    _shape("replicate-token", "r8_", rf"{ALNUM}{{30,}}+"),
    _shape("langsmith-key", "lsv2_pt_ lsv2_sk_", r"[0-9a-f_]{30,}+"),
    _shape("pinecone-key", "pcsk_", r"[A-Za-z0-9_]{30,}+"),
    _shape("tavily-key", "tvly-", rf"{WORD}{{20,}}+"),
    _shape("jina-key", "jina_", rf"{ALNUM}{{30,}}+"),
    _shape("firecrawl-key", "fc-", rf"{HEX}{{32}}"),
    # money and trade
    _shape(
        "stripe-key", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ pk_live_ pk_test_", rf"{ALNUM}{{10,}}+"
    ),
    _shape("stripe-webhook", "whsec_", r"[A-Za-z0-9+/=]{20,}+"),
    _shape("square-token", "sq0atp- sq0csp- sq0idp- sq0atb- sq0idb-", rf"{WORD}{{20,}}+"),
    _shape("square-token", "EAAA", rf"{WORD}{{55,}}+"),
    _shape("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_ shpua_", rf"{HEX}{{32}}"),
    _shape("shippo-token", "shippo_live_ shippo_test_", rf"{HEX}{{30,}}+"),
    _shape("flutterwave-key", "FLWSECK FLWPUBK", r"(?:_TEST)?-[A-Za-z0-9-]{12,}+"),
    _shape("easypost-key", "EZAK EZTK", rf"{ALNUM}{{50,}}+"),
    _shape("duffel-token", "duffel_test_ duffel_live_", r"[A-Za-z0-9_=-]{30,}+"),
    _shape("plaid-token", "access-sandbox- access-development- access-production-", UUID),
    _shape("razorpay-key", "rzp_live_ rzp_test_", rf"{ALNUM}{{12,}}+"),
    _shape("braintree-token", "access_token$production$ access_token$sandbox$", r"[0-9a-z]{16}\$[0-9a-f]{32}"),
    _shape("facebook-token", "EAAC EAAM EAAB EAAG", rf"{ALNUM}{{30,}}+"),
    # sight and work
    _shape("newrelic-key", "NRAK- NRAA- NRII- NRIQ- NRRA- NRJS- NRSP- NRAL-", rf"{WORD}{{16,}}+"),
    _shape("newrelic-key", "px-api- px-dep-", UUID),
    _shape("grafana-token", "glc_ glsa_", r"[A-Za-z0-9+/=_]{20,}+"),
    _shape("grafana-token", "eyJrIjoi", r"[A-Za-z0-9+/=_-]{30,}+"),
    _shape(
        "dynatrace-token", "dt0c01. dt0s01. dt0s02. dt0s06. dt0s08. dt0s16.", rf"{ALNUM}{{8,}}+(?:\.{ALNUM}{{20,}}+)?"
    ),
    _shape("sentry-token", "sntrys_ sntryu_", r"[A-Za-z0-9+/=_-]{30,}+"),
    _shape("linear-key", "lin_api_ lin_oauth_ lin_wh_", rf"{ALNUM}{{30,}}+"),
    _shape("notion-token", "ntn_ secret_", rf"(?={ALNUM}{{0,40}}\d){ALNUM}{{38,}}+"),
    _shape("figma-token", "figd_ figo_ figu_", rf"{WORD}{{20,}}+"),
    _shape("airtable-token", "pat", rf"{ALNUM}{{14}}\.{HEX}{{64}}"),
    _shape("hubspot-token", "pat-na1- pat-eu1- pat-na2-", UUID),
    _shape("typeform-token", "tfp_", r"[A-Za-z0-9_.=-]{30,}+"),
    _shape("contentful-token", "CFPAT-", rf"{WORD}{{30,}}+"),
    _shape("readme-key", "rdme_", rf"{ALNUM}{{30,}}+"),
    _shape("settlemint-token", "sm_pat_ sm_aat_ sm_sat_", rf"{ALNUM}{{16,}}+"),
    _shape("adafruit-key", "aio_", rf"{ALNUM}{{20,}}+"),
    _shape("adobe-secret", "p8e-", rf"{WORD}{{24,}}+"),
    _shape("frameio-token", "fio-u-", rf"{WORD}{{40,}}+"),
    _shape("ionic-token", "ion_", rf"{ALNUM}{{40,}}+"),
    _shape("mapbox-token", "pk.eyJ sk.eyJ tk.eyJ", r"[A-Za-z0-9_-]{30,}+(?:\.[A-Za-z0-9_-]{20,}+)?"),
    _shape("twitch-key", "live_", r"\d{6,12}_[A-Za-z0-9]{20,}+"),
    _shape("clickup-token", "pk_", r"\d{5,10}_[A-Z0-9]{30,}+"),
    _shape("twitter-bearer", "AAAAAAAAAAAAAAAAAAAAA", r"[A-Za-z0-9%+/=]{50,}+"),
    _shape("scrapfly-key", "scp-test- scp-live-", rf"{ALNUM}{{24,}}+"),
    _shape("nightfall-key", "NF-", rf"{ALNUM}{{32}}(?!{ALNUM})"),
    _shape("nvidia-key", "nvapi-", rf"{WORD}{{40,}}+"),
    _shape("pagarme-key", "ak_live_ ak_test_", rf"{ALNUM}{{20,}}+"),
    _shape("elevenlabs-key", "sk_", rf"{HEX}{{32,}}+"),
    _shape("pubnub-key", "pub-c- sub-c- sec-c-", UUID),
    _shape("voiceflow-key", "VF.DM. VF.WS.", r"[0-9a-f]{20,}+\.[A-Za-z0-9]{12,}+"),
    _shape("fleetbase-key", "flb_live_ flb_test_", rf"{ALNUM}{{16,}}+"),
    _shape("flexport-token", "shltm_", rf"{WORD}{{30,}}+"),
    _shape("tines-webhook", "tines.com/webhook/", rf"{HEX}{{32}}/{HEX}{{32}}"),
    _shape("fullstory-key", "na1. eu1.", r"[A-Za-z0-9+/]{60,}+={0,2}"),
    # forms that many share
    _shape("jwt", "eyJ", rf"{WORD}{{10,}}+\.{WORD}{{10,}}+(?:\.{WORD}*+){{0,3}}"),
    _shape("jwt", "ZXlK", r"[A-Za-z0-9+/_-]{40,}+={0,2}"),
    _shape(
        "password-hash",
        "$1$ $5$ $6$ $8$ $9$ $y$ $apr1$",
        r"(?:rounds=\d{1,9}\$)?[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{20,90}+",
    ),
    _shape("password-hash", "$2a$ $2b$ $2x$ $2y$", r"\d\d\$[A-Za-z0-9./]{40,60}+"),
    _shape("password-hash", "$argon2i$ $argon2d$ $argon2id$ $scrypt$ $pbkdf2", r"[A-Za-z0-9+/=,$.-]{20,200}+"),
    _shape("kerberos-ticket", "$krb5asrep$ $krb5tgs$ $krb5pa$", r"[^\s\"']{20,4000}+"),
    _shape("private-key", "LS0tLS1CRUdJTi", r"[A-Za-z0-9+/\\\s]{20,}+={0,2}"),
    _shape("private-key", "b3BlbnNzaC1rZXktdjEAAAAA", r"[A-Za-z0-9+/\\\s]{200,}+={0,2}"),
)
