"""The raw yardstick: one transaction of single-row inserts through psycopg, and nothing else."""

from collections.abc import Callable

import psycopg

TABLE = """
CREATE TABLE IF NOT EXISTS bench_row (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket_id bigint NOT NULL, name varchar(30) NOT NULL,
    at timestamptz NOT NULL, body text NOT NULL
);
CREATE INDEX IF NOT EXISTS bench_row_ticket ON bench_row (ticket_id);
"""
INSERT = "INSERT INTO bench_row (ticket_id, name, at, body) VALUES (%s, 'register', now(), %s)"


def inserting(url: str, rows: int) -> Callable[[], Callable[[], None]]:
    """A worker for `client.run`: each act commits so many rows."""
    with psycopg.connect(url) as connection:
        connection.execute(TABLE)

    def worker() -> Callable[[], None]:
        connection = psycopg.connect(url, autocommit=True)

        def act() -> None:
            with connection.transaction():
                for number in range(rows):
                    connection.execute(INSERT, [number, "x" * 120])

        return act

    return worker
