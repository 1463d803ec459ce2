from shop.api.order_routes import router

__all__ = ["router"]
