/*
 * EarmarkApi: the main endpoints for an Android app, with Retrofit and
 * kotlinx.serialization. This is an example. /openapi.json of a running
 * installation describes all endpoints. A test compares this file with it.
 *
 *	val json = Json { ignoreUnknownKeys = true; explicitNulls = false }
 *	val api = Retrofit.Builder()
 *		.baseUrl("https://earmark.example.com/")
 *		.client(OkHttpClient.Builder().addInterceptor { chain ->
 *			chain.proceed(chain.request().newBuilder()
 *				.header("Authorization", "Bearer $accessToken").build())
 *		}.build())
 *		.addConverterFactory(json.asConverterFactory("application/json".toMediaType()))
 *		.build().create(EarmarkApi::class.java)
 */
package com.example.earmark

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import retrofit2.http.Body
import retrofit2.http.GET
import retrofit2.http.HTTP
import retrofit2.http.Header
import retrofit2.http.POST
import retrofit2.http.Path
import retrofit2.http.Query

interface EarmarkApi {
	@POST("api/v1/auth/login")
	suspend fun login(@Body body: Login): SignedIn

	@POST("api/v1/auth/verify-otp")
	suspend fun verifyOtp(@Body body: VerifyOtp): SignedIn

	@POST("api/v1/auth/refresh-token")
	suspend fun refreshToken(@Body body: RefreshToken): TokenPair

	@GET("api/v1/user/profile")
	suspend fun getProfile(): Profile

	@GET("api/v1/customer/favorites")
	suspend fun listFavoriteListeners(
		@Query("per_page") perPage: Int? = null,
		@Query("cursor") cursor: String? = null
	): FavoriteListenerList

	@POST("api/v1/customer/favorites")
	suspend fun addFavoriteListener(@Body body: FavoriteListenerRef): FavoriteChanged

	@HTTP(method = "DELETE", path = "api/v1/customer/favorites", hasBody = true)
	suspend fun removeFavoriteListener(@Body body: FavoriteListenerRef): FavoriteChanged

	@GET("api/v1/user/balance")
	suspend fun getBalance(): Wallet

	@POST("api/v1/sessions/start")
	suspend fun startSession(
		@Header("Idempotency-Key") key: String,
		@Body body: StartSession
	): SessionStarted

	@GET("api/v1/calls/{call_id}")
	suspend fun getCall(@Path("call_id") callId: Long): Call
}

@Serializable
data class Login(
	@SerialName("identifier") val identifier: String,
	@SerialName("password") val password: String? = null
)

@Serializable
data class VerifyOtp(
	@SerialName("identifier") val identifier: String,
	@SerialName("code") val code: String,
	@SerialName("purpose") val purpose: String
)

@Serializable
data class RefreshToken(
	@SerialName("refresh_token") val refreshToken: String
)

@Serializable
data class TokenPair(
	@SerialName("access_token") val accessToken: String,
	@SerialName("refresh_token") val refreshToken: String,
	@SerialName("expires_in") val expiresIn: Long
)

@Serializable
data class SignedIn(
	@SerialName("access_token") val accessToken: String,
	@SerialName("refresh_token") val refreshToken: String,
	@SerialName("expires_in") val expiresIn: Long,
	@SerialName("user") val user: Profile
)

@Serializable
data class Profile(
	@SerialName("user_id") val userId: Long,
	@SerialName("username") val username: String,
	@SerialName("email") val email: String? = null,
	@SerialName("bio") val bio: String? = null,
	@SerialName("interests") val interests: List<String>,
	@SerialName("profile_image_url") val profileImageUrl: String? = null,
	@SerialName("profile_image_thumb_url") val profileImageThumbUrl: String? = null,
	@SerialName("roles") val roles: List<String>
)

@Serializable
data class FavoriteListenerRef(
	@SerialName("listener_id") val listenerId: Long
)

@Serializable
data class FavoriteChanged(
	@SerialName("message") val message: String,
	@SerialName("listener_id") val listenerId: Long,
	@SerialName("is_favorited") val isFavorited: Boolean
)

@Serializable
data class FavoriteListener(
	@SerialName("user_id") val userId: Long,
	@SerialName("username") val username: String,
	@SerialName("rating") val rating: Double,
	@SerialName("is_online") val isOnline: Boolean,
	@SerialName("is_available") val isAvailable: Boolean,
	@SerialName("wait_time") val waitTime: Long? = null
)

@Serializable
data class FavoriteListenerList(
	@SerialName("favorites") val favorites: List<FavoriteListener>,
	@SerialName("total_count") val totalCount: Long,
	@SerialName("next_cursor") val nextCursor: String? = null
)

@Serializable
data class Wallet(
	@SerialName("balance") val balance: Long,
	@SerialName("currency") val currency: String,
	@SerialName("available") val available: Long
)

@Serializable
data class StartSession(
	@SerialName("listener_id") val listenerId: Long
)

@Serializable
data class SessionStarted(
	@SerialName("session_id") val sessionId: Long,
	@SerialName("rate_per_minute") val ratePerMinute: Long,
	@SerialName("max_seconds") val maxSeconds: Long? = null
)

@Serializable
data class Call(
	@SerialName("call_id") val callId: Long,
	@SerialName("state") val state: String,
	@SerialName("kind") val kind: String,
	@SerialName("caller_id") val callerId: Long,
	@SerialName("session_id") val sessionId: Long? = null
)
