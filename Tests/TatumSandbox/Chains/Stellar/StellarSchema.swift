/// The types of Stellar's transactions (Stellar-transaction.x, Stellar-ledger-entries.x, Stellar-contract.x), in the
/// notation of `XDRSchema`.
enum StellarSchema {
  static let shared = XDRSchema(types + operations + contracts)

  private static let types = """
    Envelope | 0 v0:TransactionV0 | 2 tx:Transaction | 5 feeBump:FeeBump
    TransactionV0 = source:key fee:u32 seqNum:i64 timeBounds:TimeBounds? memo:Memo operations:Operation<100> ext:NoExt
    Transaction = source:muxed fee:u32 seqNum:i64 cond:Conditions memo:Memo operations:Operation<100> ext:Ext
    FeeBump = feeSource:muxed fee:i64 inner:Inner ext:NoExt
    Inner | 2 v1:InnerEnvelope
    InnerEnvelope = tx:Transaction signatures:Signature<20>
    Signature = hint:opaque[4] signature:bytes<64>
    NoExt | 0
    Ext | 0 | 1 soroban:SorobanData
    TimeBounds = minTime:u64 maxTime:u64
    LedgerBounds = minLedger:u32 maxLedger:u32
    Conditions | 0 | 1 time:TimeBounds | 2 v2:ConditionsV2
    ConditionsV2 = timeBounds:TimeBounds? ledgerBounds:LedgerBounds? minSeqNum:i64? minSeqAge:u64 \
    minSeqLedgerGap:u32 extraSigners:Signer<2>
    Signer | 0 ed25519:key | 1 preAuthTx:opaque[32] | 2 hashX:opaque[32] | 3 payload:SignedPayload
    SignedPayload = ed25519:key payload:bytes<64>
    Memo | 0 | 1 text:bytes<28> | 2 id:u64 | 3 hash:opaque[32] | 4 return:opaque[32]
    Code4 = code:opaque[4] issuer:account
    Code12 = code:opaque[12] issuer:account
    Asset | 0 | 1 code4:Code4 | 2 code12:Code12
    LineAsset | 0 | 1 code4:Code4 | 2 code12:Code12 | 3 pool:opaque[32]
    ChangeAsset | 0 | 1 code4:Code4 | 2 code12:Code12 | 3 pool:PoolParameters
    PoolParameters | 0 constantProduct:Pool
    Pool = assetA:Asset assetB:Asset fee:i32
    AssetCode | 1 code4:opaque[4] | 2 code12:opaque[12]
    Price = n:i32 d:i32
    BalanceID | 0 v0:opaque[32]
    Claimant | 0 v0:ClaimantV0
    ClaimantV0 = destination:account predicate:Predicate
    Predicate | 0 | 1 and:Predicate<2> | 2 or:Predicate<2> | 3 not:Predicate? | 4 before:i64 | 5 within:i64

    """

  private static let operations = """
    Operation = source:muxed? body:Body
    Body | 0 createAccount:CreateAccount | 1 payment:Payment | 2 pathPaymentStrictReceive:PathReceive \
    | 3 manageSellOffer:Offer | 4 createPassiveSellOffer:PassiveOffer | 5 setOptions:SetOptions \
    | 6 changeTrust:ChangeTrust | 7 allowTrust:AllowTrust | 8 accountMerge:muxed | 9 | 10 manageData:ManageData \
    | 11 bumpSequence:i64 | 12 manageBuyOffer:Offer | 13 pathPaymentStrictSend:PathSend \
    | 14 createClaimableBalance:CreateBalance | 15 claimClaimableBalance:BalanceID | 16 beginSponsoring:account | 17 \
    | 18 revokeSponsorship:Revoke | 19 clawback:Clawback | 20 clawbackClaimableBalance:BalanceID \
    | 21 setTrustLineFlags:LineFlags | 22 liquidityPoolDeposit:Deposit | 23 liquidityPoolWithdraw:Withdraw \
    | 24 invokeHostFunction:Invoke | 25 extendFootprintTTL:Extend | 26 restoreFootprint:NoExt
    CreateAccount = destination:account startingBalance:i64
    Payment = destination:muxed asset:Asset amount:i64
    PathReceive = sendAsset:Asset sendMax:i64 destination:muxed destAsset:Asset destAmount:i64 path:Asset<5>
    PathSend = sendAsset:Asset sendAmount:i64 destination:muxed destAsset:Asset destMin:i64 path:Asset<5>
    Offer = selling:Asset buying:Asset amount:i64 price:Price offerID:i64
    PassiveOffer = selling:Asset buying:Asset amount:i64 price:Price
    SetOptions = inflationDest:account? clearFlags:u32? setFlags:u32? masterWeight:u32? lowThreshold:u32? \
    medThreshold:u32? highThreshold:u32? homeDomain:bytes<32>? signer:WeightedSigner?
    WeightedSigner = key:Signer weight:u32
    ChangeTrust = line:ChangeAsset limit:i64
    AllowTrust = trustor:account asset:AssetCode authorize:u32
    ManageData = name:bytes<64> value:bytes<64>?
    CreateBalance = asset:Asset amount:i64 claimants:Claimant<10>
    Revoke | 0 entry:LedgerKey | 1 signer:SignerOf
    SignerOf = account:account signer:Signer
    Clawback = asset:Asset from:muxed amount:i64
    LineFlags = trustor:account asset:Asset clearFlags:u32 setFlags:u32
    Deposit = pool:opaque[32] maxAmountA:i64 maxAmountB:i64 minPrice:Price maxPrice:Price
    Withdraw = pool:opaque[32] amount:i64 minAmountA:i64 minAmountB:i64
    Extend = ext:NoExt extendTo:u32
    LedgerKey | 0 account:account | 1 line:LineKey | 2 offer:OfferKey | 3 data:DataKey | 4 balance:BalanceID \
    | 5 pool:opaque[32] | 6 contractData:ContractKey | 7 contractCode:opaque[32] | 8 setting:u32 | 9 ttl:opaque[32]
    LineKey = account:account asset:LineAsset
    OfferKey = seller:account offerID:i64
    DataKey = account:account name:bytes<64>
    ContractKey = contract:Address key:Value durability:u32

    """

  private static let contracts = """
    Invoke = function:HostFunction auth:Authorization<>
    HostFunction | 0 call:Call | 1 create:Create | 2 wasm:bytes<> | 3 createV2:CreateV2
    Call = contract:Address function:bytes<32> args:Value<>
    Create = preimage:Preimage executable:Executable
    CreateV2 = preimage:Preimage executable:Executable args:Value<>
    Preimage | 0 address:AddressAndSalt | 1 asset:Asset
    AddressAndSalt = address:Address salt:opaque[32]
    Executable | 0 wasm:opaque[32] | 1 | 2 reference:Reference
    Reference = contract:Address tag:bytes<>
    Authorization = credentials:Credentials invocation:Invocation
    Credentials | 0 | 1 address:AddressCredentials | 2 addressV2:AddressCredentials | 3 delegated:Delegated
    AddressCredentials = address:Address nonce:i64 expirationLedger:u32 signature:Value
    Delegated = credentials:AddressCredentials delegates:Delegate<>
    Delegate = address:Address signature:Value nested:Delegate<>
    Invocation = function:Authorized subInvocations:Invocation<>
    Authorized | 0 call:Call | 1 create:Create | 2 createV2:CreateV2
    Address | 0 account:account | 1 contract:opaque[32] | 2 muxed:MuxedKey | 3 balance:BalanceID | 4 pool:opaque[32]
    MuxedKey = id:u64 ed25519:key
    Value | 0 bool:bool | 1 | 2 error:Error | 3 u32:u32 | 4 i32:i32 | 5 u64:u64 | 6 i64:i64 | 7 timepoint:u64 \
    | 8 duration:u64 | 9 u128:opaque[16] | 10 i128:opaque[16] | 11 u256:opaque[32] | 12 i256:opaque[32] \
    | 13 bytes:bytes<> | 14 string:bytes<> | 15 symbol:bytes<32> | 16 vec:Vec? | 17 map:Map? | 18 address:Address \
    | 19 instance:Instance | 20 | 21 nonce:i64 | 22 tag:bytes<>
    Error | 0 contract:u32 | 1 code:u32 | 2 code:u32 | 3 code:u32 | 4 code:u32 | 5 code:u32 | 6 code:u32 | 7 code:u32 \
    | 8 code:u32 | 9 code:u32
    Vec = items:Value<>
    Map = entries:Entry<>
    Entry = key:Value value:Value
    Instance = executable:Executable storage:Map?
    SorobanData = ext:ResourceExt resources:Resources resourceFee:i64
    ResourceExt | 0 | 1 archived:Archived
    Archived = entries:u32<>
    Resources = readOnly:LedgerKey<> readWrite:LedgerKey<> instructions:u32 diskReadBytes:u32 writeBytes:u32
    """
}
