"""`python -m gamayun_data`: the command line, where its script is not on the path."""

from gamayun_data.cli import main

if __name__ == "__main__":
    main()
