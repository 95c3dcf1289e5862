"""Which sounds the pocket language model knows by name; each name is one token."""

from balsa_core.soundscapes.ontology import GRANDPARENTS, PARENTS, SOUNDS

ESC50_TEXT = """
dog, rooster, pig, cow, frog, cat, hen, insects, sheep, crow, rain, sea waves, crackling fire, crickets,
chirping birds, water drops, wind, pouring water, toilet flush, thunderstorm, crying baby, sneezing, clapping,
breathing, coughing, footsteps, laughing, brushing teeth, snoring, drinking sipping, door wood knock, mouse click,
keyboard typing, door wood creaks, can opening, washing machine, vacuum cleaner, clock alarm, clock tick,
glass breaking, helicopter, chainsaw, siren, car horn, engine, train, church bells, airplane, fireworks, hand saw
"""
EVERYDAY_TEXT = """
barking, meow, purring, growling, howling, whimper, hiss, moo, oink, bleat, neigh, horse, clip clop, donkey, goat,
duck, quack, goose, honk, turkey, gobble, chicken, cluck, bird, birds, bird song, pigeon, dove, coo, owl, hoot,
parrot, seagull, eagle, woodpecker, cuckoo, sparrow, penguin, peacock, swan, bat, mouse, rat, squeak, squirrel,
rabbit, wolf, coyote, fox, bear, lion, roar, tiger, elephant, monkey, gorilla, whale, dolphin, seal, snake, rattle,
lizard, toad, cricket, bee, bees, wasp, fly, mosquito, buzz, cicada, grasshopper, animal, pets, livestock, insect,
fowl, camel, deer, hyena, puppy, kitten, lamb, calf, car, car engine, car alarm, car passing by, truck, bus,
motorcycle, bicycle, bicycle bell, scooter, tram, subway, train horn, train whistle, railroad crossing, ship, boat,
ship horn, sailboat, motorboat, rowing, jet, propeller, drone, rocket, tractor, bulldozer, excavator, ambulance,
police car, fire engine, fire truck, ice cream truck, traffic, traffic noise, skidding, tire squeal, brakes,
reversing beeps, air horn, engine idling, engine starting, accelerating, race car, go kart, skateboard, vehicle,
aircraft, lawn mower, leaf blower, hedge trimmer, snow blower, thunder, storm, rainstorm, drizzle, hail, raindrops,
gale, breeze, rustling leaves, waterfall, stream, river, ocean, waves, splash, drip, gurgle, trickle, bubbles,
ice cracking, avalanche, earthquake, volcano, fire, campfire, explosion, gunshot, machine gun, cannon, firecracker,
whoosh, rumble, crackle, snow, mud, gravel, sand, stones, forest, jungle, cave, swamp, speech, man speaking,
woman speaking, child speaking, conversation, narration, whispering, shouting, screaming, yelling, crying, sobbing,
baby laughing, giggling, chuckle, laughter, sigh, gasp, yawn, cough, sneeze, sniff, throat clearing, hiccup, burp,
fart, stomach rumble, chewing, eating, biting, swallowing, gargling, kissing, heartbeat, running, walking, jumping,
dancing, applause, cheering, crowd, booing, chatter, children playing, singing, humming, choir, chant, rapping,
beatboxing, yodeling, whistling, whistle, finger snapping, knuckle cracking, scratching, rubbing, slap, punch, groan,
grunt, moan, panting, wheeze, babbling, lullaby, prayer, speech synthesizer, radio, television, announcement, door,
door slam, door creak, doorbell, knock, sliding door, drawer, cupboard, cabinet, key jangling, keys, lock, zipper,
coin dropping, coins, dishes, cutlery, plates, cups, chopping, frying, boiling, kettle, microwave, blender, mixer,
toaster, dishwasher, refrigerator, coffee machine, oven, sink, water tap, bathtub, shower, hair dryer, toothbrush,
electric shaver, razor, hairspray, scissors, typing, typewriter, computer keyboard, printer, scanner, camera shutter,
telephone, phone ring, ringtone, dial tone, busy signal, cell phone, alarm clock, clock, ticking, tick, cuckoo clock,
chime, wind chimes, smoke alarm, fire alarm, burglar alarm, alarm, foghorn, buzzer, beep, bleep, ping, fan,
air conditioner, heater, elevator, escalator, vending machine, cash register, shopping cart, paper rustling,
page turning, writing, pencil, tearing paper, crumpling, stapler, packing tape, plastic bag, bottle, cork pop, can,
pouring, stirring, broom, sweeping, mop, squeegee, iron, sewing machine, rocking chair, window, curtain,
ball bouncing, basketball, tennis, ping pong, bowling, golf, swimming, diving, dice, cards, marbles, toy, balloon,
balloon pop, slot machine, pinball, video game, hammer, nail, drill, electric drill, jackhammer, saw, power saw,
sander, sanding, grinder, lathe, welding, screwdriver, ratchet, wrench, axe, wood chopping, pump, air compressor,
generator, conveyor, factory, steam, steam engine, pressure washer, spray, pneumatic hammer, crane, chain, gears,
pulley, winch, machine, motor, tools, mechanism, hum, static, white noise, pink noise, mains hum, feedback,
distortion, echo, noise, click, clang, clatter, clink, thud, thump, crash, crunch, creak, crack, snap, pop, squeal,
screech, scrape, boom, bang, ring, jingle, tinkle, whir, whip, arrow, sword, boing, plop, music, piano,
electric piano, organ, harpsichord, synthesizer, accordion, harmonica, guitar, electric guitar, acoustic guitar,
bass guitar, banjo, mandolin, ukulele, sitar, harp, violin, viola, cello, double bass, fiddle, orchestra,
string quartet, brass band, marching band, trumpet, trombone, french horn, tuba, bugle, flute, piccolo, clarinet,
oboe, bassoon, saxophone, recorder, bagpipes, didgeridoo, pan flute, drum, drums, snare drum, bass drum, drum kit,
drum roll, cymbal, hi hat, gong, tambourine, maracas, castanets, triangle, xylophone, marimba, vibraphone,
glockenspiel, steel drum, tabla, bongo, conga, cowbell, wood block, bell, bells, church bell, school bell, cow bell,
sleigh bells, tuning fork, music box, theremin, turntable scratch, beat, melody, bass, rhythm, song, jazz,
rock music, techno, opera, classical music, folk music, march, laser, sonar ping, robot, siren wail, submarine,
computer, modem, geiger counter, telegraph, morse code, metronome, stopwatch, carousel, playground, market,
restaurant, kitchen, street, station, airport, office, classroom, stadium, church, farm, beach
"""


def names_in(text: str) -> tuple[str, ...]:
    """The comma-separated names of a text, each once, in order."""
    return tuple(dict.fromkeys(" ".join(name.split()) for name in text.split(",") if name.strip()))


ESC50_NAMES = names_in(ESC50_TEXT)
KINDS = tuple(dict.fromkeys((*PARENTS.values(), *GRANDPARENTS.values())))
EVERYDAY_NAMES = tuple(name for name in names_in(EVERYDAY_TEXT) if name not in {*ESC50_NAMES, *SOUNDS})
SOUND_NAMES: tuple[str, ...] = tuple(dict.fromkeys((*SOUNDS, *ESC50_NAMES, *EVERYDAY_NAMES, *KINDS)))
