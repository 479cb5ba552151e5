"""What a unit of work gathered leaves as one statement when that is possible."""

from hypothesis import given
from hypothesis import strategies as st
from sikua_chassis.gathering import Gathering, table_of
from sikua_chassis.single_statement import single_statement


def test_parts_become_one_statement_with_placeholders_counted_on() -> None:
    whole = single_statement(
        [("INSERT INTO a VALUES ($1, $2)", [(1, 2)]), ("UPDATE b SET x = $1", [(3,)])],
        ("WITH bumped AS (SELECT $1) INSERT INTO outbox SELECT $2", (4, 5)),
    )
    assert whole is not None
    sql, arguments = whole
    assert sql == (
        "WITH part0 AS (INSERT INTO a VALUES ($1, $2)), part1 AS (UPDATE b SET x = $3), "
        "bumped AS (SELECT $4) INSERT INTO outbox SELECT $5"
    )
    assert arguments == (1, 2, 3, 4, 5)


def test_what_stands_in_the_own_with_of_a_part_comes_before_it() -> None:
    whole = single_statement(
        [
            ("WITH woken AS (\n  UPDATE lane SET x = $1\n) INSERT INTO lane VALUES ($2)", [(1, 2)]),
            ("INSERT INTO a VALUES ($1)", [(3,)]),
        ],
        None,
    )
    assert whole is not None
    assert whole[0] == (
        "WITH woken AS (\n  UPDATE lane SET x = $1\n), part0 AS (INSERT INTO lane VALUES ($2)) INSERT INTO a VALUES ($3)"
    )


def test_without_events_the_last_part_is_the_statement() -> None:
    assert single_statement([("DELETE FROM a WHERE x = $1", [(1,)])], None) == ("DELETE FROM a WHERE x = $1", (1,))


def test_nothing_gathered_is_no_statement() -> None:
    assert single_statement([], None) is None


def test_equal_statements_are_not_folded_into_one() -> None:
    assert single_statement([("INSERT INTO a VALUES ($1)", [(1,), (2,)])], None) is None


def test_two_writes_to_one_table_are_not_one_statement() -> None:
    parts = [("DELETE FROM a WHERE x = $1", [(1,)]), ("INSERT INTO a (x) VALUES ($1)", [(1,)])]
    assert single_statement(parts, None) is None


def test_the_table_of_a_statement_is_seen() -> None:
    assert table_of("INSERT INTO fact AS kept (a) VALUES ($1)") == "fact"
    assert table_of("\n update  fact SET a = $1") == "fact"
    assert table_of('DELETE FROM "odd name" WHERE a = $1').startswith('"odd')


def test_a_query_concerns_what_is_gathered_when_it_names_a_table_of_it_as_a_word() -> None:
    gathering = Gathering()
    assert not gathering.concerns("SELECT 1 FROM link")
    gathering.add("INSERT INTO link VALUES ($1)", (1,))
    gathering.add('UPDATE only "step" SET x = $1', (1,))
    assert gathering.concerns("SELECT 1 FROM link")
    assert gathering.concerns("SELECT 1 FROM a JOIN step s USING (id)")
    assert gathering.concerns("UPDATE a SET x = 1")
    assert gathering.concerns("WITH b AS (SELECT 1) SELECT 1 FROM b")
    assert not gathering.concerns("SELECT 1 FROM statement WHERE state <> 'unlinked'")
    gathering.add("WITH made AS (SELECT 1) INSERT INTO a VALUES ($1)", (1,))
    assert gathering.concerns("SELECT 1 FROM statement WHERE state <> 'unlinked'")


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["INSERT INTO {} VALUES ($1)", "DELETE FROM {}"]))))
def test_the_order_on_each_table_is_kept_whatever_else_is_gathered(writes: list[tuple[str, str]]) -> None:
    gathering = Gathering()
    for number, (table, form) in enumerate(writes):
        gathering.add(form.format(table), (number,))
    sent = [(sql, row[0]) for sql, rows in gathering.take_parts() for row in rows]
    for name in "ab":
        numbers = [number for sql, number in sent if table_of(sql) == name]
        assert numbers == sorted(numbers)
    assert len(sent) == len(writes)
