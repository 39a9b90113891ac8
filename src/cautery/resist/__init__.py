"""What makes an output a worse lesson, and a laboratory that measures whether it does.

Defences (``defences/``) are pure functions over answers or logits. ``plans`` puts several in order
and records what each changed, ``tiers`` reads which risk tier gets which. ``laboratory/`` teaches
students under each defence, passive and adaptive ones.
"""
