"""`python -m hatangso_web`: all verbs, of the engine and of the site."""

from hatangso_web.cli import main

if __name__ == "__main__":
    main()
