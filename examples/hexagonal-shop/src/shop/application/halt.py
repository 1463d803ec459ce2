"""The switch that stops all operations."""


class HaltGuard:
    is_halted = False

    def check(self) -> None:
        if self.is_halted:
            raise RuntimeError("operations are halted")
