"""The tables of the history, and how a file of an older version becomes one of the present."""

import contextlib
import sqlite3

# Each migration takes the version before it one further, in the transaction that also sets the new number.
MIGRATIONS = (
    """
    CREATE TABLE attempts (
        id INTEGER PRIMARY KEY,
        kata TEXT NOT NULL,
        at TEXT NOT NULL,
        state TEXT NOT NULL,
        held INTEGER NOT NULL,
        total INTEGER NOT NULL,
        hints INTEGER NOT NULL,
        seconds REAL NOT NULL,
        seed INTEGER,
        text_hash TEXT NOT NULL
    );
    CREATE INDEX attempts_by_kata ON attempts (kata, id);
    CREATE TABLE hints (
        kata TEXT PRIMARY KEY,
        shown INTEGER NOT NULL
    );
    """,
    # A review is the mark of a kata, or of the question that it names; when it is due follows from its marks.
    # A first solve before there was a clock counts as good, as one by `grade` does now.
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        kata TEXT NOT NULL,
        begun TEXT NOT NULL,
        ended TEXT,
        outcome TEXT NOT NULL,
        seconds REAL NOT NULL,
        par REAL NOT NULL,
        hints INTEGER NOT NULL
    );
    CREATE INDEX sessions_by_kata ON sessions (kata, id);
    CREATE TABLE slips (
        session INTEGER NOT NULL REFERENCES sessions,
        rule TEXT NOT NULL,
        sentence TEXT NOT NULL,
        times INTEGER NOT NULL,
        PRIMARY KEY (session, rule)
    );
    CREATE TABLE reviews (
        id INTEGER PRIMARY KEY,
        kata TEXT NOT NULL,
        question TEXT NOT NULL,
        at TEXT NOT NULL,
        mark INTEGER NOT NULL
    );
    CREATE INDEX reviews_by_kata ON reviews (kata, question, id);
    ALTER TABLE attempts ADD COLUMN session INTEGER REFERENCES sessions;
    INSERT INTO reviews (kata, question, at, mark)
        SELECT kata, '', at, 3 FROM attempts
        WHERE id IN (SELECT min(id) FROM attempts WHERE state = 'solved' GROUP BY kata);
    """,
    # `strict` is null where it was never measured: before there was a second bar, and where the core does not hold.
    # `day` is the date where the person was. The indexes answer what every command asks without reading all attempts.
    """
    ALTER TABLE attempts ADD COLUMN strict INTEGER;
    ALTER TABLE attempts ADD COLUMN day TEXT;
    UPDATE attempts SET day = date(at, 'localtime');
    CREATE INDEX attempts_by_day ON attempts (day, kata);
    CREATE INDEX attempts_solved ON attempts (kata, at) WHERE state = 'solved';
    CREATE INDEX attempts_strict ON attempts (kata) WHERE strict = 1;
    CREATE INDEX attempts_by_share ON attempts (kata, held * 1.0 / max(total, 1), held, total);
    """,
    # An interview's katas have a practice session each, once they are begun. All that it will ask is stored when it
    # begins, so that it goes on as it was whatever becomes of the tables of its katas. `made` is null before the mark.
    """
    CREATE TABLE interviews (
        id INTEGER PRIMARY KEY,
        begun TEXT NOT NULL,
        ended TEXT,
        outcome TEXT NOT NULL,
        minutes INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        interruptions INTEGER NOT NULL
    );
    CREATE TABLE interview_katas (
        interview INTEGER NOT NULL REFERENCES interviews,
        place INTEGER NOT NULL,
        kata TEXT NOT NULL,
        par REAL NOT NULL,
        PRIMARY KEY (interview, place)
    );
    CREATE TABLE interview_questions (
        id INTEGER PRIMARY KEY,
        interview INTEGER NOT NULL REFERENCES interviews,
        kata TEXT NOT NULL,
        question TEXT NOT NULL,
        source TEXT NOT NULL,
        seconds REAL NOT NULL,
        written TEXT NOT NULL,
        answered INTEGER NOT NULL
    );
    CREATE INDEX interview_questions_by_interview ON interview_questions (interview);
    CREATE TABLE interview_points (
        question INTEGER NOT NULL REFERENCES interview_questions,
        place INTEGER NOT NULL,
        point TEXT NOT NULL,
        made INTEGER,
        PRIMARY KEY (question, place)
    );
    ALTER TABLE sessions ADD COLUMN interview INTEGER REFERENCES interviews;
    CREATE INDEX sessions_by_interview ON sessions (interview) WHERE interview IS NOT NULL;
    CREATE INDEX attempts_by_session ON attempts (session) WHERE session IS NOT NULL;
    """,
    # A plan is what was asked for; its tasks are what was planned for each day when that day was ahead. `weekdays`,
    # `katas` and `left_out` are lists with spaces between.
    """
    CREATE TABLE plans (
        id INTEGER PRIMARY KEY,
        made TEXT NOT NULL,
        until TEXT NOT NULL,
        minutes INTEGER NOT NULL,
        weekdays TEXT NOT NULL,
        katas TEXT NOT NULL,
        drawn TEXT NOT NULL,
        left_out TEXT NOT NULL,
        ended TEXT
    );
    CREATE TABLE plan_tasks (
        plan INTEGER NOT NULL REFERENCES plans,
        day TEXT NOT NULL,
        place INTEGER NOT NULL,
        kind TEXT NOT NULL,
        kata TEXT NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (plan, day, place)
    );
    """,
)


class NewerError(Exception):
    """The file is of a version that this program does not know."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the present version, each step whole or not at all."""
    while True:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise NewerError(version)
        if version == len(MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have migrated while this one waited for the lock.
            if connection.execute("PRAGMA user_version").fetchone()[0] == version:
                for statement in MIGRATIONS[version].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
