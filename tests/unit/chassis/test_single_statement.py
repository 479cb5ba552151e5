"""What a unit of work gathered leaves as one statement when that is possible."""

from sikua_chassis.session import single_statement


def test_parts_become_one_statement_with_placeholders_counted_on() -> None:
    whole = single_statement(
        {"INSERT INTO a VALUES ($1, $2)": [(1, 2)], "UPDATE b SET x = $1": [(3,)]},
        ("WITH bumped AS (SELECT $1) INSERT INTO outbox SELECT $2", (4, 5)),
    )
    assert whole is not None
    sql, arguments = whole
    assert sql == (
        "WITH part0 AS (INSERT INTO a VALUES ($1, $2)), part1 AS (UPDATE b SET x = $3), "
        "bumped AS (SELECT $4) INSERT INTO outbox SELECT $5"
    )
    assert arguments == (1, 2, 3, 4, 5)


def test_without_events_the_last_part_is_the_statement() -> None:
    assert single_statement({"DELETE FROM a WHERE x = $1": [(1,)]}, None) == ("DELETE FROM a WHERE x = $1", (1,))


def test_nothing_gathered_is_no_statement() -> None:
    assert single_statement({}, None) is None


def test_equal_statements_are_not_folded_into_one() -> None:
    assert single_statement({"INSERT INTO a VALUES ($1)": [(1,), (2,)]}, None) is None
