import ArgumentParser
import KMSCrypto

extension MnemonicLanguage: @retroactive ExpressibleByArgument {}
