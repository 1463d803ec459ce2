CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    customer TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'new',
    document TEXT NOT NULL
);
