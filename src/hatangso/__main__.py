"""`python -m hatangso`: the engine's verbs without the site."""

from hatangso.cli.main import main

if __name__ == "__main__":
    main()
