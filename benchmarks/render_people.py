"""Renders people in the stretch whose joint angles are known exactly, for fitting, reporting and tests.

    python benchmarks/render_people.py SET OUT [--people A:B] [--seed S] [--fps F] [--jobs 1] [--merge-only]

SET is one of the names in ``people.sets``. Needs ``pip install -e '.[render]'`` and the system packages ``libegl1`` and
``libgl1-mesa-dri``. People who are in OUT already are not rendered again; several commands may fill one folder.
"""

from people.__main__ import main

if __name__ == "__main__":
    main()
