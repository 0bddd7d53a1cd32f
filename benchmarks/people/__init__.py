"""Renders parametric people in the standing hamstring stretch, with every joint angle and joint centre known.

The world is in metres, z up, the floor at 0, x to the person's left, and the person faces -y. Cameras are OpenCV's
(x right, y down, z forward); pixels count from the top left corner, pixel centres at .5. Angles are in degrees: zero
is hip, knee and ankle centres on one vertical, the sole flat and the body's own rest spine; positive is flexion,
dorsiflexion, adduction, internal rotation and anterior tilt.

``people.sets`` names what can be rendered, ``benchmarks/render_people.py`` is the command. Rendering needs the extra
``render`` and the system packages ``libegl1`` and ``libgl1-mesa-dri``; nothing heavy is imported before it is used.
"""
