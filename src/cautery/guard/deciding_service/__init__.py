"""How a decision service works: who asks, in which manner, and what is answered."""
