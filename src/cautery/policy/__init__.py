"""Rules as data: regions, ownership, verification and contracts, evaluated, tested, replayed."""
