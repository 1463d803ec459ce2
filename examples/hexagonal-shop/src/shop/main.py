"""The composition root: everything meets here, and may be imported here."""

from shop.api import order_routes
from shop.application.halt import HaltGuard
from shop.application.services import OrderService
from shop.infrastructure.store import ORDERS

routes = {**order_routes.router}
service = OrderService(HaltGuard())
orders = ORDERS
