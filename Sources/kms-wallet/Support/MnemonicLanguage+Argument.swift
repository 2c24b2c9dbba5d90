public import ArgumentParser
import KMSCrypto

extension MnemonicLanguage: ExpressibleByArgument {}
