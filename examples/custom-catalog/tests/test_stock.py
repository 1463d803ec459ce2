"""A test that asks a stock server which is closed for an inventory."""


def ask_stock_server(article):
    raise RuntimeError(f"warehouse north is in inventory until 06:00, asked for {article}")


def test_bolts_are_in_stock():
    assert ask_stock_server("bolt") > 0
