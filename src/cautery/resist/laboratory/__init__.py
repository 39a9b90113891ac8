"""Teaches students under each defence, and measures what they, the teacher and its clients lose.

``roles`` says what a teacher and a student are; ``trial`` runs any of them. Built in are a teacher
that adds numbers with written working and students that are tables of counts, which take seconds.
Neural teachers and students (``torch``) are to come as other rooms' implementations of the same
roles: nothing in here imports them.
"""
