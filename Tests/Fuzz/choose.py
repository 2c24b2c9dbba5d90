"""Chooses the inputs that are kept in Tests/Fuzz/Corpus: choose.py CONTROL_FILE FOLDER BYTES

CONTROL_FILE is what libFuzzer writes for -set_cover_merge=1 -merge_control_file: the names of all inputs, then for each
its size and the features that it covers. Copies to FOLDER, which is new, inputs of at most BYTES bytes together: again
and again the one that adds most features for its size.
"""

import os
import shutil
import sys


def main(control, folder, budget):
    lines = open(control, encoding="utf-8").read().splitlines()
    count = int(lines[0])
    names = lines[2 : 2 + count]
    sizes, features = {}, {}
    for line in lines[2 + count :]:
        word, index, *numbers = line.split()
        if word == "STARTED":
            sizes[int(index)] = int(numbers[0])
        elif word == "FT":
            features[int(index)] = frozenset(map(int, numbers))
    covered, total, kept = set(), 0, 0
    os.makedirs(folder)
    while True:
        best, worth = None, 0.0
        for index, all_features in list(features.items()):
            new = len(all_features - covered)
            if new == 0 or total + sizes[index] > budget:
                del features[index]
            # An input costs a file, too.
            elif new / (sizes[index] + 200) > worth:
                best, worth = index, new / (sizes[index] + 200)
        if best is None:
            break
        covered |= features.pop(best)
        total += sizes[best]
        kept += 1
        shutil.copy(names[best], os.path.join(folder, os.path.basename(names[best])[:12]))
    print(f"{kept} inputs of {count}, {total} bytes, {len(covered)} features")


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
