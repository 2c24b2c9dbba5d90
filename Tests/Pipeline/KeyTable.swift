/// What people paste, one line each: command, chain and options, whether it is taken, the address that their wallet shows
/// (none for what is no wallet), and the text. Addresses were computed with bip_utils, eth-account, xrpl-py, stellar-sdk,
/// solders, py-algorand-sdk, pycardano, multiversx-sdk and tronpy; shares, seeds and keystores with shamir-mnemonic, bip_utils and
/// eth-account. Words and keys are hashes of a name, or the libraries' own random ones.
enum KeyTable {
  static let text = #"""
    privatekey | ETH | refused |  | 0x0000000000000000000000000b6c1df2c3e352af454c39a39af5a020ac67150a
    privatekey | ETH | refused |  | 0x0b6c1df2c3e352af454c39a39af5a020ac67150a000000000000000000000000
    privatekey | ETH | refused |  | 0B6c1dF2C3E352aF454c39A39af5A020aC67150a
    privatekey | ETH | refused |  | 0x0b6c1df2c3e352af454c39a39af5a020ac67150a
    privatekey | ETH | refused |  | 1dd28927fe5a3fc65be8e66b9718817b0d2008c3cbd0d4cdf75998ce0d1dc913e09465173a423301eb99ea35ac5d5beba2d944f23762099c667a8c0ba4be4f40
    privatekey | ETH | refused |  | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce
    wallet | ETH | refused |  | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ONE | refused |  | one1pdkpmukrudf2732v8x3e4adqyzkxw9g20m9e0l
    privatekey | XDC | refused |  | xdc0B6c1dF2C3E352aF454c39A39af5A020aC67150a
    privatekey | ETH | taken | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | "0xa2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8",
    privatekey | ETH | taken | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | 0xa2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8.
    privatekey | ETH | refused | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | Private key: 0xa2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ETH | refused | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | [162, 185, 32, 99, 149, 189, 165, 91, 8, 123, 156, 96, 32, 203, 110, 33, 169, 99, 39, 166, 196, 136, 195, 251, 252, 166, 249, 68, 158, 209, 188, 232]
    privatekey | ETH | refused | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | PRIVATE_KEY=0xa2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ETH | taken | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | a2b9206395bda55b087b9c6020cb6e21 a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ETH | taken | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | a2b9206395bda55b087b9c6020cb6e21\na96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ETH | refused | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | ａ２ｂ９２０６３９５ｂｄａ５５ｂ０８７ｂ９ｃ６０２０ｃｂ６ｅ２１ａ９６３２７ａ６ｃ４８８ｃ３ｆｂｆｃａ６ｆ９４４９ｅｄ１ｂｃｅ８
    privatekey | ETH | refused |  | {"address": "0B6c1dF2C3E352aF454c39A39af5A020aC67150a", "crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "5834efc639da4760cea7168e63537380"}, "ciphertext": "b5aaaaf294135baa4d6b30711426ac319a551c831e3c56f3d46355402312ccba", "kdf": "pbkdf2", "kdfparams": {"c": 10, "dklen": 32, "prf": "hmac-sha256", "salt": "b9429872ec3710ba14a43a2b76bf5443"}, "mac": "f3e4ab1240fb1bc5f6d0279e90474df642793268cdd757088a8224b904339edc"}, "id": "93cfd254-437b-4c21-aa74-864e1cc828ce", "version": 3}
    privatekey | ETH | refused |  | {\n  "address": "0B6c1dF2C3E352aF454c39A39af5A020aC67150a",\n  "crypto": {\n    "cipher": "aes-128-ctr",\n    "cipherparams": {\n      "iv": "b02f6d735085d1d9ecb8589fcce9d6fd"\n    },\n    "ciphertext": "63dc84f83a7f77a955c253582889004eed344385e69c9b69d318514309aba778",\n    "kdf": "pbkdf2",\n    "kdfparams": {\n      "c": 10,\n      "dklen": 32,\n      "prf": "hmac-sha256",\n      "salt": "931bb1654a9b5b65e8a6f34a71fe4ce2"\n    },\n    "mac": "7671fc45a9f0fe99ee75f9f5f284cd0875c9bd10b3d8475ea5ca74544bcb3043"\n  },\n  "id": "0acd2128-e2c4-4db6-8ac1-de25fac2393b",\n  "version": 3\n}
    wallet | ETH | refused |  | {"address": "0B6c1dF2C3E352aF454c39A39af5A020aC67150a", "crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "14d5f193b934e60ec7016b2c10b8a332"}, "ciphertext": "8284e7b7b9a2a4e4fe0a275ac1e8e21a481190615a52f7a726c23c241371807d", "kdf": "pbkdf2", "kdfparams": {"c": 10, "dklen": 32, "prf": "hmac-sha256", "salt": "9c66e81e396fb57d87c455e8f56df0a1"}, "mac": "db3641a4052fa13ca62af6b504922fdd6e7260074c74820fbe2e99b65a4cc1e9"}, "id": "4d6180ef-da5a-4f4b-b35b-5aa44244c3af", "version": 3}
    privatekey | ETH | refused |  | ethereum:0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a
    privatekey | ETH | refused | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | ethereum:0xa2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ETH | refused |  | fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141
    privatekey | ETH | refused |  | 0000000000000000000000000000000000000000000000000000000000000000
    privatekey | ETH | refused |  | 0000000000000000000000000000000000000000000000000000000000000001
    privatekey | ETH | refused |  | 0000000000000000000000000000000000000010000000000000000000003039
    privatekey | ETH | refused |  | 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    privatekey | ETH | refused |  | e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    privatekey | ETH | refused |  | c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470
    privatekey | ETH | refused |  | -----BEGIN EC PRIVATE KEY-----\nMHQCAQEEIKC/S2npvYDXzw1liKvESlDCxKCq2Su+ZWtXRMq0RAztoAcGBSuBBAAK\noUQDQgAE\n-----END EC PRIVATE KEY-----
    privatekey | ETH | refused | 0x0B6c1dF2C3E352aF454c39A39af5A020aC67150a | orkgY5W9pVsIe5xgIMtuIaljJ6bEiMP7/Kb5RJ7RvOg=
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | taken | 0xF8fb72F56120D5e6b478Da941a72E278e1385023 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused | 0x812B6159288549f7f2B36FDa09C71413B7085D62 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused | 0x71fdE92A9cFe4349e956DeE91b226EaeBb5eCf73 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH --testnet | refused | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | MATIC | refused | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | MATIC | refused | 0xF8fb72F56120D5e6b478Da941a72E278e1385023 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | MATIC | refused | 0x812B6159288549f7f2B36FDa09C71413B7085D62 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | MATIC | refused | 0x71fdE92A9cFe4349e956DeE91b226EaeBb5eCf73 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | MATIC --testnet | refused | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | VET | refused | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | VET | refused | 0xF8fb72F56120D5e6b478Da941a72E278e1385023 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | VET | refused | 0x812B6159288549f7f2B36FDa09C71413B7085D62 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | VET | refused | 0x71fdE92A9cFe4349e956DeE91b226EaeBb5eCf73 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | VET --testnet | refused | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused | 0x91225660EC3d5e799c1aCACBC9Baa2Aa97E7ed55 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused | 0xF339Ffb76b7ae5EbbD4ff607480AE4bD143E1E9C | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | ALTER OCCUR LOCAL NOTHING ABSTRACT HUNT CAT TYPICAL HOCKEY MORNING CORE ENLIST
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | Alter Occur Local Nothing Abstract Hunt Cat Typical Hockey Morning Core Enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter  occur  local  nothing  abstract  hunt  cat  typical  hockey  morning  core  enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist.
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter occur local nothing abstract hunt cat typical hockey morning core enlist,
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | ["alter", "occur", "local", "nothing", "abstract", "hunt", "cat", "typical", "hockey", "morning", "core", "enlist"]
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | ['alter', 'occur', 'local', 'nothing', 'abstract', 'hunt', 'cat', 'typical', 'hockey', 'morning', 'core', 'enlist']
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | (1) alter (2) occur (3) local (4) nothing (5) abstract (6) hunt (7) cat (8) typical (9) hockey (10) morning (11) core (12) enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | 1 - alter\n2 - occur\n3 - local\n4 - nothing\n5 - abstract\n6 - hunt\n7 - cat\n8 - typical\n9 - hockey\n10 - morning\n11 - core\n12 - enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | 1\talter\n2\toccur\n3\tlocal\n4\tnothing\n5\tabstract\n6\thunt\n7\tcat\n8\ttypical\n9\thockey\n10\tmorning\n11\tcore\n12\tenlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | 1. alter   7. cat\n2. occur   8. typical\n3. local   9. hockey\n4. nothing   10. morning\n5. abstract   11. core\n6. hunt   12. enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter 1 occur 2 local 3 nothing 4 abstract 5 hunt 6 cat 7 typical 8 hockey 9 morning 10 core 11 enlist 12
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter-occur-local-nothing-abstract-hunt-cat-typical-hockey-morning-core-enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | • alter\n• occur\n• local\n• nothing\n• abstract\n• hunt\n• cat\n• typical\n• hockey\n• morning\n• core\n• enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | - alter\n- occur\n- local\n- nothing\n- abstract\n- hunt\n- cat\n- typical\n- hockey\n- morning\n- core\n- enlist
    wallet | ETH | refused | 0x052323927F3F36C12166d67520831520FFBc1555 | Seed phrase: alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter|occur|local|nothing|abstract|hunt|cat|typical|hockey|morning|core|enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alter\r\noccur\r\nlocal\r\nnothing\r\nabstract\r\nhunt\r\ncat\r\ntypical\r\nhockey\r\nmorning\r\ncore\r\nenlist\r\n
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | ​alter ​occur ​local ​nothing ​abstract ​hunt ​cat ​typical ​hockey ​morning ​core ​enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alt­er occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused |  | alter occur local nothing abstractx hunt cat typical hockey morning core enlist
    wallet | ETH | refused |  | alter occur local nothzz abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused |  | nephew
    wallet | ETH | refused |  | alter occur local nothing abstract hunt cat typical hockey morning core enlist alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | refused |  | alter occur local nothing abstract hunt asservir méditer pupitre cabanon cigogne kimono
    wallet | ETH | refused |  | аlter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | ETH | taken | 0x052323927F3F36C12166d67520831520FFBc1555 | alte occu loca noth abst hunt cat typi hock morn core enli
    wallet | BTC | refused |  | fold patrol text predict close advance fat ceiling guide retreat dinner arm
    wallet | BTC | refused |  | awesome heavy edit follow wish assume pledge memory glory mass analyst kiwi
    wallet | LTC | refused |  | DOSE EAGER ALSO SPORT ENDORSE BLADE KEEN ORDER FEATURE HEIGHT SLIDE SATISFY
    privatekey | BTC | refused |  | stay impulse course blood zero recipe engine extra oblige connect insect one
    wallet | BTC | refused |  | powerful random nobody notice nothing important anyway look away hidden message over
    wallet | BTC | refused |  | acb740e454c3134901d7c8f16497cc1c
    wallet | BTC | refused |  | forgotten few wash city gently complain death fold consider palm death listen
    wallet | ETH | refused |  | ability idled roomy victim domestic daily bulb tarnished gourmet chrome vegan wrist segments pegs jewels friendly tugs dynamite tonic observant sneeze owls likewise possible vegan
    wallet | ALGO | refused |  | hospital comb kept rudely amidst roles slower pizza summon nautical yanks patio magically unplugs voted roomy afraid gang scoop mayor vials tuesday ungainly circle scoop
    wallet | BTC | refused |  | column frequent academic acid apart analysis earth wrist muscle finance dough luxury pants upgrade liberty broken holy device increase flexible
    wallet | ETH | refused |  | flame omit academic acid average cluster discuss chew sympathy home minister python pancake photo boundary domestic disease glad beam jury
    wallet | ADA | refused |  | airline penalty academic acid earth formal dragon taught average webcam indicate heat center numb evening float single harvest duke fragment
    wallet | SOL | refused |  | taught racism academic acid bracelet havoc advance academic aquatic length hour network graduate short trip anxiety junk plastic health unknown
    privatekey | BTC | refused |  | brave helpful academic acid behavior dilemma acid graduate merchant strategy domestic beyond helpful eraser wavy frequent aircraft friar carve mild
    wallet | BTC | refused |  | abstract inch live custom just tray hockey enroll upon friend mass author filter desert parrot network finger uniform alley artefact path palace chicken diet
    wallet | BTC | refused |  | ability liquid travel stem barely drastic pact cupboard apple thrive morning oak feature tissue couch old math inform success suggest drink motion know royal
    privatekey | BTC | taken | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | taken | 1oSakxjijqojNTX65eDiAiRQjMXPLXmCF | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | taken | 3K6vvtKfpWDdTye3dUnpNX5gmp7dRJAUjQ | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | refused | bc1pqdl2csdwcps5pm634qtv4lmf65fcv9n54dahdrcfy6qu79rrd8qqva254t | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | taken | 1JuYeWaXfwYxMgKseAjyaicZwgx9Pnfxm7 | 5K3x8G5tQZ6VqYehvHwypDkJzeuPj9yFkate6rojH55ynh76w3w
    privatekey | BTC | refused | 1oSakxjijqojNTX65eDiAiRQjMXPLXmCF | 5K3x8G5tQZ6VqYehvHwypDkJzeuPj9yFkate6rojH55ynh76w3w
    privatekey | BTC | refused | 1JuYeWaXfwYxMgKseAjyaicZwgx9Pnfxm7 | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | refused |  | cT31mxaRL2MXSiAgzdco8jmE3hbeyWgzBQjPsHHm73gyuDwNwwCa
    privatekey | BTC --testnet | refused |  | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC --testnet | taken | tb1qpry86vjg4k2chawgq49kxw54dm79e50tvx7l3n | cT31mxaRL2MXSiAgzdco8jmE3hbeyWgzBQjPsHHm73gyuDwNwwCa
    privatekey | BTC | refused |  | T8WHknskJLds47LJ9rkXymoYNKwZP9cBvaVBcfToAuD9ANTAHqE7
    privatekey | LTC | refused |  | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | DOGE | refused |  | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | LTC | taken | LL2PqyGZoQ5rzB9gGDdWzBnBcwioVWSWd7 | T8WHknskJLds47LJ9rkXymoYNKwZP9cBvaVBcfToAuD9ANTAHqE7
    privatekey | LTC | taken | ltc1qpry86vjg4k2chawgq49kxw54dm79e50tzulgjs | T8WHknskJLds47LJ9rkXymoYNKwZP9cBvaVBcfToAuD9ANTAHqE7
    privatekey | LTC | taken | MRK5Emjdmd54GUuwjMnACAL66Wi5Ngv9Vt | T8WHknskJLds47LJ9rkXymoYNKwZP9cBvaVBcfToAuD9ANTAHqE7
    privatekey | LTC | taken | 3K6vvtKfpWDdTye3dUnpNX5gmp7dRJAUjQ | T8WHknskJLds47LJ9rkXymoYNKwZP9cBvaVBcfToAuD9ANTAHqE7
    privatekey | DOGE | taken | D5wY81uP29k6GNe7pfdnFvt2Hs5phgGkL7 | QU4wTtPZ9a9PWo6UCVeTee6mtWKpMcj6zdGqYVE6LHeL6QunzgLP
    privatekey | DOGE | taken | DP3eBmXAyMTEtgWUNkjY8UnAppgSmJmbgR | 6KNHRDYqyKPHtA5s7gZxRqjYU5NwEHFXMm1sRMSd6jHcbNQB61P
    privatekey | BCH | taken | bitcoincash:qqyvslfjfzketzl4eqz5kce6j4h0chx3av5prac6qw | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BCH | taken | qqyvslfjfzketzl4eqz5kce6j4h0chx3av5prac6qw | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BCH | taken | 1oSakxjijqojNTX65eDiAiRQjMXPLXmCF | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | refused |  | L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFndx
    privatekey | BTC | refused |  | l2g2k3aztxfghghrcdofmrgarujfk4bj7navkrqfbw2yeurjfnds
    privatekey | BTC | refused | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q | bitcoin:L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | refused |  | tr(L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds)
    privatekey | BTC | taken | 3K6vvtKfpWDdTye3dUnpNX5gmp7dRJAUjQ | sh(wpkh(L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds))
    privatekey | BTC | taken | 1JuYeWaXfwYxMgKseAjyaicZwgx9Pnfxm7 | pkh(5K3x8G5tQZ6VqYehvHwypDkJzeuPj9yFkate6rojH55ynh76w3w)#abcdefgh
    privatekey | BTC | refused | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q,p2wpkh:L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | refused | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q\tp2wpkh:L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds
    privatekey | BTC | refused | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q | {"bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q": "p2wpkh:L2g2K3aZtxfGHGhRcDofmRGARUJFK4bJ7NavkrqFbw2yeUrJFnds"}
    privatekey | BTC | taken | bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | BTC | refused |  | 1oSakxjijqojNTX65eDiAiRQjMXPLXmCF
    privatekey | BTC | refused |  | 3K6vvtKfpWDdTye3dUnpNX5gmp7dRJAUjQ
    privatekey | BTC | refused |  | BC1QPRY86VJG4K2CHAWGQ49KXW54DM79E50TXQ9V2Q
    privatekey | BTC | refused |  | bc1pqdl2csdwcps5pm634qtv4lmf65fcv9n54dahdrcfy6qu79rrd8qqva254t
    privatekey | BTC | refused |  | bitcoin:bc1qpry86vjg4k2chawgq49kxw54dm79e50txq9v2q?amount=1
    privatekey | BTC | refused |  | 021dd28927fe5a3fc65be8e66b9718817b0d2008c3cbd0d4cdf75998ce0d1dc913
    privatekey | BTC | refused |  | 041dd28927fe5a3fc65be8e66b9718817b0d2008c3cbd0d4cdf75998ce0d1dc913e09465173a423301eb99ea35ac5d5beba2d944f23762099c667a8c0ba4be4f40
    privatekey | BTC | refused |  | 00000000000000000001a4a1f3f2c5b9a8d7e6f5041322110099887766554433
    privatekey | BTC | refused |  | 6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg
    privatekey | DOGE | refused |  | 6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg
    privatekey | BTC | refused |  | SG64GZqySYwBm9KxE3wJ29
    privatekey | BTC | refused |  | xprv9s21ZrQH143K3xN9PVFFDLVeevAHTVTYGt4ZLpEhKZ9MrT9QSDbf8NnDVkGQJm2M1YxEobKdxFHVXVVuihhBB5csJVPfvcqgwkgBXkSkoQU
    privatekey | BTC | refused |  | xpub661MyMwAqRbcGSScVWnFaUSPCwzmrxBPe6zA9CeJstgLjFUYykuugB6hM16fQSsdFmJUmQFqZLTCr2AJBVofHwtPc2jb8eo4mp2vLJoG8J5
    privatekey | ETH | refused |  | xprv9s21ZrQH143K3xN9PVFFDLVeevAHTVTYGt4ZLpEhKZ9MrT9QSDbf8NnDVkGQJm2M1YxEobKdxFHVXVVuihhBB5csJVPfvcqgwkgBXkSkoQU
    privatekey | ETH | refused |  | xpub661MyMwAqRbcGSScVWnFaUSPCwzmrxBPe6zA9CeJstgLjFUYykuugB6hM16fQSsdFmJUmQFqZLTCr2AJBVofHwtPc2jb8eo4mp2vLJoG8J5
    wallet | BTC | refused |  | xprv9s21ZrQH143K3xN9PVFFDLVeevAHTVTYGt4ZLpEhKZ9MrT9QSDbf8NnDVkGQJm2M1YxEobKdxFHVXVVuihhBB5csJVPfvcqgwkgBXkSkoQU
    wallet | BTC | refused |  | xpub661MyMwAqRbcGSScVWnFaUSPCwzmrxBPe6zA9CeJstgLjFUYykuugB6hM16fQSsdFmJUmQFqZLTCr2AJBVofHwtPc2jb8eo4mp2vLJoG8J5
    privatekey | BTC | refused |  | zprvAWgYBBk7JR8GkYkP4CpVdWgezrTBLjSY776zuc2U5Zu7xemrwXvnNW6VYABaJaLBpqBrJYWksZzbJ4j3A6XCmYz53AnX6SUfVCoUJuanvsy
    privatekey | BTC | refused |  | zpub6jftahH18ngZy2prAEMVzedPYtHfkCAPUL2bhzS5duS6qT71V5F2vJQyPR1qQGBU53Y6GMSxUfAJcbPRctdgtRFbLi8SJUS3KGAD7THg7jR
    privatekey | ETH | refused |  | zprvAWgYBBk7JR8GkYkP4CpVdWgezrTBLjSY776zuc2U5Zu7xemrwXvnNW6VYABaJaLBpqBrJYWksZzbJ4j3A6XCmYz53AnX6SUfVCoUJuanvsy
    privatekey | ETH | refused |  | zpub6jftahH18ngZy2prAEMVzedPYtHfkCAPUL2bhzS5duS6qT71V5F2vJQyPR1qQGBU53Y6GMSxUfAJcbPRctdgtRFbLi8SJUS3KGAD7THg7jR
    wallet | BTC | refused |  | zprvAWgYBBk7JR8GkYkP4CpVdWgezrTBLjSY776zuc2U5Zu7xemrwXvnNW6VYABaJaLBpqBrJYWksZzbJ4j3A6XCmYz53AnX6SUfVCoUJuanvsy
    wallet | BTC | refused |  | zpub6jftahH18ngZy2prAEMVzedPYtHfkCAPUL2bhzS5duS6qT71V5F2vJQyPR1qQGBU53Y6GMSxUfAJcbPRctdgtRFbLi8SJUS3KGAD7THg7jR
    privatekey | BTC | refused |  | ZprvAhadJRUYsNgeB7ukzsHUTb2TieVSZ688RNkfpsJ1TLjXaqLmhwK4TcxRLs93s1Z64JFqB8WsknP6RELoTKg9v36jsdtvVqwfNw5LtnyfPXk
    privatekey | BTC | refused |  | Zpub6vZyhw1ShkEwPbzE6tpUpiyCGgKvxYqynbgGdFhd1gGWTdfvFUdK1RGuC7yJxhQNJWc58wT5MsYojm1Bv7ne2uNGBBEqhsu3CzS5hJD1Bkp
    privatekey | ETH | refused |  | ZprvAhadJRUYsNgeB7ukzsHUTb2TieVSZ688RNkfpsJ1TLjXaqLmhwK4TcxRLs93s1Z64JFqB8WsknP6RELoTKg9v36jsdtvVqwfNw5LtnyfPXk
    privatekey | ETH | refused |  | Zpub6vZyhw1ShkEwPbzE6tpUpiyCGgKvxYqynbgGdFhd1gGWTdfvFUdK1RGuC7yJxhQNJWc58wT5MsYojm1Bv7ne2uNGBBEqhsu3CzS5hJD1Bkp
    wallet | BTC | refused |  | ZprvAhadJRUYsNgeB7ukzsHUTb2TieVSZ688RNkfpsJ1TLjXaqLmhwK4TcxRLs93s1Z64JFqB8WsknP6RELoTKg9v36jsdtvVqwfNw5LtnyfPXk
    wallet | BTC | refused |  | Zpub6vZyhw1ShkEwPbzE6tpUpiyCGgKvxYqynbgGdFhd1gGWTdfvFUdK1RGuC7yJxhQNJWc58wT5MsYojm1Bv7ne2uNGBBEqhsu3CzS5hJD1Bkp
    wallet | BTC | refused | bc1qd7wr30r7jy52q0mq57k6dyu42dys0vy2lcvpch | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | 3Av9Vn7ZA7AEWFxkAMPivgGKWuE5jcAj8q | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | 1MLprpNrES53LsXjn8EP6bYsS1q4wFS4vE | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | LTC | refused | ltc1q27zlt5zgx9gzx6smyy5puyxfuvrlr8jfmlc84d | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | LTC | refused | MBmoAhy56NxiF1fj89Nu5afFgizA7kfciA | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | LTC | refused | LaUMmZJEMtJ5M4nb6jH9pwuSyxT1wxrVjU | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | bc1pctuq829tmyq2jzvycrrs0npsj0yn3g8zdvfn9sq6rq8ez7rffkwqcde5lq | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC --testnet | refused | tb1qdpcp3jmfde7lwg6yz05fezg7xuswlqeq9s0yy9 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | 14ZgBWcwpPg7PFNFCvEqXDoL8FhDkQw7Kx | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | 1CYBKawfBtGKxcw9hbDuXc3G7zmhnvg51s | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | bc1qs42m4fxr2as4ashgstat0k8mcqzmu85n6nt5h6 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BTC | refused | 1Hrg2XNKYKBZ6bb1xboWPEoVs6fXsG16SJ | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | DOGE | taken | D93D5bpN6F9ssfRNZ9gMLCajC1FQYqxPGf | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | DOGE | refused | DG4JKjvRp9TcNmZKEwwEs2wSeCMq12KCxV | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BCH | refused | 1P3693cZ6GRy6X8Nw2HnisgDGWPnyGua5D | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BCH | taken | bitcoincash:qzkp9kzjcnnaq7ch9qcenzrtvmkprzj5audazyapla | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | BCH --testnet | refused | bchtest:qrchwrgnxz93wxegpxtdeze9t57e6u8vpvrf6zm985 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    privatekey | TRON | taken | TB1bxGZ86HibqAAoFox1VYNQBhMPjBNeoR | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | TRON | taken | 410b6c1df2c3e352af454c39a39af5a020ac67150a | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | TRON | refused |  | TB1bxGZ86HibqAAoFox1VYNQBhMPjBNeoR
    privatekey | TRON | refused |  | 410b6c1df2c3e352af454c39a39af5a020ac67150a
    privatekey | TRON | refused |  | 1dd28927fe5a3fc65be8e66b9718817b0d2008c3cbd0d4cdf75998ce0d1dc913e09465173a423301eb99ea35ac5d5beba2d944f23762099c667a8c0ba4be4f40
    privatekey | TRON | refused |  | {"version":3,"address":"TB1bxGZ86HibqAAoFox1VYNQBhMPjBNeoR","crypto":{"cipher":"aes-128-ctr"}}
    wallet | TRON | taken | TMo7nQFDVcYFyfYjAnGm2cRbxrHruhDV45 | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | TRON | refused | TVVwdLTDJwvryy3o9TcHMX7A9xXNWRLzmH | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    privatekey | XRP | taken | rJcXMq2NCPU5v2cXYHgXdAS8Kp7cowEooE | spt5pKQMhdmbhDETSTSdWk9wsNNQm
    privatekey | XRP | taken | rJcXMq2NCPU5v2cXYHgXdAS8Kp7cowEooE | 000B16C8DF730464BB818B6EDD5CAF9059A4C8F050B8C2B78504D3034F8F59B68A
    privatekey | XRP | taken | rJcXMq2NCPU5v2cXYHgXdAS8Kp7cowEooE | 000b16c8df730464bb818b6edd5caf9059a4c8f050b8c2b78504d3034f8f59b68a
    privatekey | XRP | refused |  | 02AD5FC6777FAED9752377B8F226C973D1B160C33DE6C64001CB521223291952B9
    wallet | XRP | refused | rJcXMq2NCPU5v2cXYHgXdAS8Kp7cowEooE | spt5pKQMhdmbhDETSTSdWk9wsNNQm
    privatekey | XRP | taken | rwF1Ja6iBJKb6h3qBLHeEckdNrMPeLpRNK | sEdSV6pNaLenitQNzgMc5iTGCXtXYkX
    privatekey | XRP | taken | rwF1Ja6iBJKb6h3qBLHeEckdNrMPeLpRNK | ED685D6C241A357BBF1FAB36C6AA441377BC9D450D550970D159E590628B6979CF
    privatekey | XRP | taken | rwF1Ja6iBJKb6h3qBLHeEckdNrMPeLpRNK | ed685d6c241a357bbf1fab36c6aa441377bc9d450d550970d159e590628b6979cf
    wallet | XRP | refused | rwF1Ja6iBJKb6h3qBLHeEckdNrMPeLpRNK | sEdSV6pNaLenitQNzgMc5iTGCXtXYkX
    privatekey | XRP | refused | rwF1Ja6iBJKb6h3qBLHeEckdNrMPeLpRNK | ED685D6C241A357BBF1FAB36C6AA441377BC9D450D550970D159E590628B6979CFEDB5F53A89E5F430EED24341883056C114236F1A180697C150552B056A13F7CAB8
    privatekey | XRP | refused | rpRYfyqoF1d4BcT2z8JRhKiAnNYyGeRurr | snCtRpuD7x7bv4HMfgug8x4QVLA74
    privatekey | XRP | refused |  | rpRYfyqoF1d4BcT2z8JRhKiAnNYyGeRurr
    privatekey | XRP | refused |  | X7YBm76xdzvbgXc18RnaZmrPEh9uKFyNcDSDjwQ2c3VEcjC
    privatekey | XRP | refused |  | nHDNbosWgHhF9BMaDBQH1QjBtatx9y1MV34VBMb46DxH97VVQ8NG
    privatekey | XRP | refused |  | aKGebvZouM7mxoS7n5wYSdPbd9JWzumSdDjQaYps32NGf8uMRz1z
    privatekey | XRP | refused |  | I IRE BOND BOW TRIO LAID SEAT GOAL HEN IBIS IBIS DARE
    wallet | XRP | refused |  | I IRE BOND BOW TRIO LAID SEAT GOAL HEN IBIS IBIS DARE
    privatekey | XRP | taken | rJHB5XhbPg8irfNoUmsKc6RkiwJfoERJCo | 358716-243313-159945-197460-393600-468012-586151-026130
    privatekey | XRP | taken | rJHB5XhbPg8irfNoUmsKc6RkiwJfoERJCo | A: 358716\nB: 243313\nC: 159945\nD: 197460\nE: 393600\nF: 468012\nG: 586151\nH: 026130
    wallet | XRP | refused | rJHB5XhbPg8irfNoUmsKc6RkiwJfoERJCo | 358716 243313 159945 197460 393600 468012 586151 026130
    wallet | XRP | taken | r9otvcmGdB3KuPmUnWmc2RnGuUrTrp5Bcb | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | XRP | taken | rHRK98LwCTEiULcvcaP64PaNWgScigHond | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | XRP | refused |  | nephew foster carbon hammer tackle belt dune split off live usual blouse original aunt medal cake
    privatekey | XLM | taken | GDSI4ID6HMA75JQJEFMBL3FHKO6G6L2CVDVVQTDAWPTJ3ECWM3WS6K2F | SCRLSIDDSW62KWYIPOOGAIGLNYQ2SYZHU3CIRQ737STPSRE62G6ORY4M
    privatekey | XLM | refused | GDSI4ID6HMA75JQJEFMBL3FHKO6G6L2CVDVVQTDAWPTJ3ECWM3WS6K2F | scrlsiddsw62kwyipoogaiglnyq2syzhu3cirq737stpsre62g6ory4m
    privatekey | XLM | refused |  | GDSI4ID6HMA75JQJEFMBL3FHKO6G6L2CVDVVQTDAWPTJ3ECWM3WS6K2F
    privatekey | XLM | refused |  | MDSI4ID6HMA75JQJEFMBL3FHKO6G6L2CVDVVQTDAWPTJ3ECWM3WS6AAAAAAAAAAE2KFX4
    privatekey | XLM | taken | MDSI4ID6HMA75JQJEFMBL3FHKO6G6L2CVDVVQTDAWPTJ3ECWM3WS6AAAAAAAAAAE2KFX4 | SCRLSIDDSW62KWYIPOOGAIGLNYQ2SYZHU3CIRQ737STPSRE62G6ORY4M
    privatekey | XLM | refused |  | TCRLSIDDSW62KWYIPOOGAIGLNYQ2SYZHU3CIRQ737STPSRE62G6ORB5C
    privatekey | XLM | refused |  | XCRLSIDDSW62KWYIPOOGAIGLNYQ2SYZHU3CIRQ737STPSRE62G6OQFY3
    privatekey | XLM | refused |  | CCRLSIDDSW62KWYIPOOGAIGLNYQ2SYZHU3CIRQ737STPSRE62G6ORYKK
    privatekey | XLM | refused | GDSI4ID6HMA75JQJEFMBL3FHKO6G6L2CVDVVQTDAWPTJ3ECWM3WS6K2F | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | XLM | refused |  | SCRLSIDDSW62KWYIPOOGAIGLNYQ2SYZHU3CIRQ737STPSRE62G6ORY4A
    wallet | XLM | taken | GBKNMKTFCC3ALJZT6IZKCFDPZAO3JHQZDSEP5MV6TULH6OWLI2Q5RUES | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | XLM | refused | GDPVSQVMUUAA6RN4BM3TQ4QLINGTEY4ACX4WYHNWUKKJVA5MVPZXIWDV | alter occur local nothing abstract hunt cat typical hockey morning core enlist
    wallet | XLM | taken | GCJ5IXCSPOX3Y3PQASYK5BPRCOXCKZUH3LKK5WZ5HU73V3G4FFPILG47 | nephew foster carbon hammer tackle belt dune split off live usual blouse original aunt medal cake obvious reunion parade tattoo intact deer voice judge
    privatekey | ALGO | taken | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | orkgY5W9pVsIe5xgIMtuIaljJ6bEiMP7/Kb5RJ7RvOjkjiB+OwH+pgkhWBXsp1O8by9CqOtYTGCz5p2QVmbtLw==
    wallet | ALGO | taken | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | crowd load ranch sun enter black success organ army clutch resist must shrug mean cement match journey view square exhibit develop crucial echo abstract verb
    privatekey | ALGO | taken | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | crowd load ranch sun enter black success organ army clutch resist must shrug mean cement match journey view square exhibit develop crucial echo abstract verb
    wallet | ALGO | taken | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | 1. CROWD 2. LOAD 3. RANCH 4. SUN 5. ENTER 6. BLACK 7. SUCCESS 8. ORGAN 9. ARMY 10. CLUTCH 11. RESIST 12. MUST 13. SHRUG 14. MEAN 15. CEMENT 16. MATCH 17. JOURNEY 18. VIEW 19. SQUARE 20. EXHIBIT 21. DEVELOP 22. CRUCIAL 23. ECHO 24. ABSTRACT 25. VERB
    wallet | ALGO | taken | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | crowd, load, ranch, sun, enter, black, success, organ, army, clutch, resist, must, shrug, mean, cement, match, journey, view, square, exhibit, develop, crucial, echo, abstract, verb
    wallet | ALGO | refused |  | crowd load ranch zoo enter black success organ army clutch resist must shrug mean cement match journey view square exhibit develop crucial echo abstract verb
    wallet | ALGO | refused |  | crowd load ranch sun enter black success organ army clutch resist must shrug mean cement match journey view square exhibit develop crucial echo abstract
    privatekey | ALGO | refused |  | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU
    privatekey | ALGO | refused | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | a2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    privatekey | ALGO | refused | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | orkgY5W9pVsIe5xgIMtuIaljJ6bEiMP7/Kb5RJ7RvOg=
    privatekey | ALGO | refused |  | 5I4gfjsB/qYJIVgV7KdTvG8vQqjrWExgs+adkFZm7S8=
    privatekey | ALGO | refused |  | e48e207e3b01fea609215815eca753bc6f2f42a8eb584c60b3e69d905666ed2fa2b9206395bda55b087b9c6020cb6e21a96327a6c488c3fbfca6f9449ed1bce8
    wallet | ALGO | refused |  | nephew foster carbon hammer tackle belt dune split off live usual blouse original aunt medal cake obvious reunion parade tattoo intact deer voice judge
    privatekey | ALGO | refused | 4SHCA7R3AH7KMCJBLAK6ZJ2TXRXS6QVI5NMEYYFT42OZAVTG5UX53TCBNU | [162, 185, 32, 99, 149, 189, 165, 91, 8, 123, 156, 96, 32, 203, 110, 33, 169, 99, 39, 166, 196, 136, 195, 251, 252, 166, 249, 68, 158, 209, 188, 232, 228, 142, 32, 126, 59, 1, 254, 166, 9, 33, 88, 21, 236, 167, 83, 188, 111, 47, 66, 168, 235, 88, 76, 96, 179, 230, 157, 144, 86, 102, 237, 47]
    wallet | ETH | refused |  | crowd load ranch sun enter black success organ army clutch resist must shrug mean cement match journey view square exhibit develop crucial echo abstract verb
    """#
}
