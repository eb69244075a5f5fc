"""Where the plugin's files lie."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
