"""Neural teachers and students for ``cautery resist evaluate``; wants torch and transformers.

They play the roles of ``cautery.resist.laboratory``, which imports no engine, on the same task:
sums with written working. The teacher is a small transformer whose weights come with the package.
"""
