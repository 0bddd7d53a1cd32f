"""The programs that the graphics library runs: vertex, fragment and shadow shaders in GLSL.

The numbers of the materials are those of ``people.mesh.Material``. A software renderer runs both sides of every
branch, so each use gets a program of its own (``MODE``): 0 lights people, 1 paints the room's own colours once per
camera, 2 lights the painted room.
"""

LIGHT_PEOPLE, PAINT_ROOM, LIGHT_ROOM = range(3)

_VERTEX = """#version 330
in vec3 p; in vec3 n; in vec3 c; in vec3 q; in float m;
uniform mat4 cam; uniform mat4 suns[2];
out vec3 P, N, C, Q, S0, S1; flat out int M;
void main() {
  P = p; N = n; C = c; Q = q; M = int(m + .5); gl_Position = cam * vec4(p, 1);
  S0 = (suns[0] * vec4(p, 1)).xyz; S1 = (suns[1] * vec4(p, 1)).xyz;
}
"""

_NOISE = """
float hash(vec3 v) { v = fract(v * .1031); v += dot(v, v.zyx + 31.32); return fract((v.x + v.y) * v.z); }
float noise(vec3 v) {
  vec3 i = floor(v), f = fract(v); f = f * f * (3. - 2. * f);
  return mix(
    mix(mix(hash(i), hash(i + vec3(1, 0, 0)), f.x),
        mix(hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)), f.x), f.y),
    mix(mix(hash(i + vec3(0, 0, 1)), hash(i + vec3(1, 0, 1)), f.x),
        mix(hash(i + vec3(0, 1, 1)), hash(i + vec3(1, 1, 1)), f.x), f.y), f.z);
}
"""

_PEOPLE_MATERIALS = """
void paint(inout vec3 a, inout float shine) {
  if (M == 1) { a *= .88 + .24 * noise(Q * 25.); shine = .10; }
  else if (M == 2 || M == 8 || M == 18) {
    if (M == 8) a = mix(a, .9 - .7 * a, step(.5, fract(Q.z * 14.)));
    if (M == 18) a = mix(a, vec3(.95, .85, .6) - .7 * a.zxy, smoothstep(.5, .56, noise(Q * 19.)));
    a *= .82 + .22 * noise(Q * 18.) + .14 * hash(floor(Q * 500.));
  }
  else if (M == 5) { a *= .5 + noise(vec3(Q.x * 220., Q.y * 50., Q.z * 50.)); shine = .12; }
  else if (M == 7) shine = .5;
  else if (M == 9) a *= .8 + .35 * noise(vec3(Q.x * 3., Q.y * 24., Q.z * 24.));
}
"""

_ROOM_MATERIALS = """
void paint(inout vec3 a, inout float shine) {
  float along = Q.x + Q.y;
  if (M == 0 || M == 2) a *= .86 + .28 * noise(Q * 18.);
  else if (M == 3) {
    float board = floor(Q.x / .14);
    float shade = hash(vec3(board, floor(Q.y / 1.1 + hash(vec3(board, 2, 3)) * 5.), 1));
    a *= .75 + .3 * shade + .25 * noise(vec3(Q.x * 60., Q.y * 4., board));
    a *= smoothstep(0., .03, fract(Q.x / .14)) * .35 + .65;
  }
  else if (M == 4) a *= .96 + .06 * noise(Q * 3.) + .03 * noise(Q * 60.);
  else if (M == 5) a *= .5 + noise(Q * vec3(220., 50., 50.));
  else if (M == 6) a = mix(a, vec3(.9, .8, .5) - a * .5, smoothstep(.4, .6, noise(Q * 5.)));
  else if (M == 9) a *= .8 + .3 * noise(vec3(Q.x * 3., Q.y * 24., Q.z * 24.)) + .08 * noise(Q * 90.);
  else if (M == 10) {
    vec2 cell = vec2(along, Q.z + Q.y) / .33, inside = fract(cell);
    a *= .9 + .15 * hash(vec3(floor(cell), 4)) + .06 * noise(Q * 30.);
    a *= .55 + .45 * step(.03, min(inside.x, inside.y));
  }
  else if (M == 11) a *= .72 + .3 * hash(floor(Q * 260.)) + .26 * noise(Q * 7.);
  else if (M == 12) a *= .82 + .2 * step(.5, fract(along * 7.)) + .12 * noise(Q * 22.);
  else if (M == 13) a = mix(a, .95 - a, mod(floor(Q.x / .21) + floor(Q.y / .21) + floor(Q.z / .21), 2.) * .8);
  else if (M == 14) {
    float row = floor(Q.z / .075), shift = along / .23 + .5 * mod(row, 2.);
    a *= .75 + .4 * hash(vec3(floor(shift), row, 7)) + .15 * noise(Q * 40.);
    a = mix(vec3(.72, .70, .66), a, step(.09, fract(Q.z / .075)) * step(.04, fract(shift)));
  }
  else if (M == 15) a *= .35 + 1.1 * noise(Q * 38.);
  else if (M == 16) {
    float tree = smoothstep(.5, .65, noise(Q * vec3(4., 4., 6.))) * step(Q.z, 1.4);
    a = mix(a * 2.2, vec3(.5, .75, .45), .8 * tree);
  }
  else if (M == 17) {
    float shelf = floor(Q.z / .32), book = floor(along / .035 + hash(vec3(shelf, 1, 1)) * 9.);
    float tall = .6 + .35 * hash(vec3(book, shelf, 5));
    vec3 cover = vec3(hash(vec3(book, shelf, 1)), hash(vec3(book, shelf, 2)), hash(vec3(book, shelf, 3))) * .7 + .05;
    a = mix(a * .35, cover, step(fract(Q.z / .32), tall)) * (.35 + .65 * step(.06, fract(Q.z / .32)));
  }
}
"""

_FRAGMENT = """
in vec3 P, N, C, Q, S0, S1; flat in int M; out vec4 colour;
uniform vec3 lights[2], strengths[2], eye; uniform float ambient;
uniform sampler2DShadow shadow0, shadow1; uniform sampler2D painted;
MATERIALS
float lit(sampler2DShadow shadow, vec3 place) {
  vec3 q = place * .5 + .5; q.z -= .0035;
  return (any(lessThan(q, vec3(0))) || any(greaterThan(q, vec3(1)))) ? 1. : texture(shadow, q);
}
float glint(vec3 n, vec3 v, vec3 light) {
  return pow(max(dot(n, normalize(light + v)), 0.), 24.) * step(0., dot(n, light));
}
void main() {
  vec3 a = C, n = normalize(N), v = normalize(eye - P); float shine = 0.;
  if (dot(n, v) < 0.) n = -n;
#if MODE == 1
  paint(a, shine); colour = vec4(pow(max(a, 0.), vec3(2.2)), 1);
#else
#if MODE == 0
  paint(a, shine); a = pow(max(a, 0.), vec3(2.2));
#else
  a = texelFetch(painted, ivec2(gl_FragCoord.xy), 0).rgb;
#endif
  vec3 first = strengths[0] * lit(shadow0, S0), second = strengths[1] * lit(shadow1, S1);
  vec3 diffuse = first * max(dot(n, lights[0]), 0.) + second * max(dot(n, lights[1]), 0.);
  diffuse += ambient * vec3(1., .95, .9) * (.75 + .25 * n.z);
  colour = vec4(a * diffuse, 1);
#if MODE == 0
  colour.rgb += shine * (first * glint(n, v, lights[0]) + second * glint(n, v, lights[1]));
#endif
#endif
}
"""

VERTEX = _VERTEX
SHADOW_VERTEX = "#version 330\nin vec3 p; uniform mat4 sun; void main() { gl_Position = sun * vec4(p, 1); }"
SHADOW_FRAGMENT = "#version 330\nvoid main() {}"


def fragment_source(mode: int) -> str:
    """Return the fragment shader of a mode."""
    materials = {LIGHT_PEOPLE: _NOISE + _PEOPLE_MATERIALS, PAINT_ROOM: _NOISE + _ROOM_MATERIALS, LIGHT_ROOM: ""}[mode]
    return f"#version 330\n#define MODE {mode}\n" + _FRAGMENT.replace("MATERIALS", materials)
