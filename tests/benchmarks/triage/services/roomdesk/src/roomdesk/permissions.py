"""Who may do what."""

from .errors import Forbidden

ROLES = {
    "guest": {"rooms.read"},
    "member": {"rooms.read", "bookings.read", "bookings.write"},
    "clerk": {"rooms.read", "bookings.read", "bookings.write", "invoices.read"},
    "admin": {"rooms.read", "rooms.write", "bookings.read", "bookings.write", "invoices.read"},
}


def allowed(role, action):
    """Tell whether a role may do an action; an unknown role may do nothing."""
    return action in ROLES.get(role, ())


def require(role, action):
    """Raise Forbidden unless a role may do an action."""
    if not allowed(role, action):
        raise Forbidden(f"{role} may not do {action}")
