public import ArgumentParser
public import KMSCrypto

extension MnemonicLanguage: ExpressibleByArgument {}
