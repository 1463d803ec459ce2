CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    order_number INTEGER NOT NULL REFERENCES orders (number),
    text TEXT NOT NULL
);
