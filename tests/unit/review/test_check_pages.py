from harness_cli.review.check_pages import check_text, checks_markdown
from harness_cli.review.registry import all_checks


def test_every_check_has_its_section():
    page = checks_markdown()
    for check_id, check in all_checks().items():
        assert f"## {check_id}: {check.title}" in page
    assert checks_markdown() == page


def test_one_check_is_explained_with_what_mends_it():
    text = check_text(all_checks()["X-02"])
    assert text.startswith("X-02  Separation of duties over systems\nseverity: critical · reads: jira, github")
    assert "NIST-800-53r5 AC-5" in text
