"""``python -m booking`` is the ``booking`` command."""

from booking.cli import main

if __name__ == "__main__":
    main()
