"""Routes of orders."""

router = {"/orders": "place"}
