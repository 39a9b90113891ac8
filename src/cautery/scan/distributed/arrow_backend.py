"""Ibis over Spark by way of Arrow: whole numbers stay whole where some are missing."""

from __future__ import annotations

from typing import Any


def arrow_frame(session: Any, table: Any) -> Any:
    """Give an Arrow table to Spark.

    Args:
        session: A Spark session.
        table: Arrow table; it may be empty, of which Spark would not infer the columns.

    Returns:
        A Spark data frame.
    """
    if table.num_rows:
        return session.createDataFrame(table)
    from pyspark.sql.pandas.types import from_arrow_schema

    return session.createDataFrame([], schema=from_arrow_schema(table.schema))


def arrow_backend(session: Any) -> Any:
    """Connect Ibis to a Spark session.

    Ibis 12 takes results through pandas, where a column of 64-bit keys with a null in it becomes
    one of floats, and loses the lowest bits.

    Args:
        session: A Spark session, in UTC.

    Returns:
        The Ibis backend.
    """
    from ibis.backends.pyspark import Backend

    class ArrowBackend(Backend):  # type: ignore[misc] # Ibis ships no types
        """The backend of Ibis, but for the way in and out."""

        def to_pyarrow(
            self, expr: Any, /, *, params: Any = None, limit: Any = None, **_kwargs: Any
        ) -> Any:
            table = expr.as_table()
            self._run_pre_execute_hooks(table)
            found = self._session.sql(self.compile(table, params=params, limit=limit)).toArrow()
            return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))

        def _register_in_memory_table(self, op: Any) -> None:
            frame = arrow_frame(self._session, op.data.to_pyarrow(op.schema))
            frame.createOrReplaceTempView(op.name)

    backend = ArrowBackend()
    # Ibis does it for backends that it makes itself; without it no column of fractions compiles.
    backend.register_options()
    backend.do_connect(session)
    return backend
