"""How a credential is recognised: API keys, access tokens, proofs of possession, certificates."""
