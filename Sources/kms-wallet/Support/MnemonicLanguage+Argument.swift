public import ArgumentParser
internal import KMSCrypto
public import KMSPrivateKeys

extension MnemonicLanguage: ExpressibleByArgument {}
