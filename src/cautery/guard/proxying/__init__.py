"""The reverse proxy's parts: requests read strictly, answers passed on, both sides bounded."""
